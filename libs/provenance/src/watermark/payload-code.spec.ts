import { describe, expect, it } from 'vitest';
import { decodePayload, encodePayload } from './payload-code.js';

const soft = (codewords: readonly Int8Array[]) => codewords.map((chips) => Float32Array.from(chips));

describe('the payload code', () => {
  it.each([0, 1, 0x80000000, 0xdeadbeef, 0xffffffff])('gives %i back', (payload) => {
    expect(decodePayload(soft(encodePayload(payload)))).toBe(payload);
  });

  it('has codewords of which any two differ in at least 64 chips', () => {
    const words = Array.from({ length: 256 }, (_, byte) => encodePayload(byte)[3] as Int8Array);
    const distances = new Set<number>();
    for (const [i, a] of words.entries()) {
      for (const b of words.slice(i + 1)) distances.add(a.reduce((sum, chip, at) => sum + (chip === b[at] ? 0 : 1), 0));
    }
    expect([...distances].toSorted((a, b) => a - b)).toEqual([64, 128]);
  });

  it('mends any 31 wrong chips of a codeword, and more that were received faintly', () => {
    const payload = 0x1234abcd;
    const hard = soft(encodePayload(payload));
    for (const chips of hard) for (let i = 0; i < 31; i++) chips[(i * 37) % 128] = -(chips[(i * 37) % 128] as number);
    expect(decodePayload(hard)).toBe(payload);
    const faint = soft(encodePayload(payload));
    for (const chips of faint) for (let i = 0; i < 60; i++) chips[(i * 37) % 128] = -0.2 * (chips[(i * 37) % 128] as number);
    expect(decodePayload(faint)).toBe(payload);
  });

  it('has a check that tells one wrong byte', () => {
    const payload = 0x1234abcd;
    const received: Float32Array[] = soft(encodePayload(payload));
    for (let wrong = 0; wrong < 256; wrong++) {
      received[1] = soft(encodePayload(wrong << 16))[1] as Float32Array;
      expect(decodePayload(received)).toBe(wrong === 0x34 ? payload : undefined);
    }
  });

  it('refuses noise, but for one time in 256', () => {
    // Chips from a linear congruential generator (Numerical Recipes), seeded.
    let state = 1;
    const next = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32 - 0.5;
    };
    const passed = Array.from({ length: 2000 }, () =>
      decodePayload(Array.from({ length: 5 }, () => Float32Array.from({ length: 128 }, next))),
    ).filter((payload) => payload !== undefined).length;
    expect(passed).toBeLessThan(25);
  });
});
