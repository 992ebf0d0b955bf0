import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalLuma, resample, canonicalSide as side } from './canonical.js';
import { bandwidth, pictureOf, spectrumOf } from './spectrum.js';

/** The DCT-II by its definition. */
function coefficient(picture: Float32Array, u: number, v: number): number {
  const norm = (k: number) => Math.sqrt((k === 0 ? 1 : 2) / side);
  const wave = (k: number, at: number) => norm(k) * Math.cos((Math.PI * (2 * at + 1) * k) / (2 * side));
  return picture.reduce((sum, value, i) => sum + value * wave(u, i % side) * wave(v, Math.floor(i / side)), 0);
}

const picture = Float32Array.from({ length: side * side }, (_, i) => (i * 7919) % 256);

describe('spectrumOf', () => {
  it.each([
    [0, 0],
    [1, 0],
    [0, 1],
    [17, 42],
    [79, 79],
  ])('has the coefficient of %i half waves across and %i down', (u, v) => {
    expect(spectrumOf(picture)[v * bandwidth + u]).toBeCloseTo(coefficient(picture, u, v), 0);
  });
});

describe('pictureOf', () => {
  it('has the spectrum that it was made of', () => {
    const spectrum = Float32Array.from({ length: bandwidth ** 2 }, (_, i) => ((i * 31) % 17) - 8);
    for (const [i, value] of spectrumOf(pictureOf(spectrum)).entries()) expect(value).toBeCloseTo(spectrum[i] as number, 3);
  });
});

// A picture that is made again has to be the same file, also by a version with other loops: digests of what the first one computed.
it('has the bits that it has always had', () => {
  const digest = (values: Float32Array) => createHash('sha256').update(values).digest('hex').slice(0, 16);
  const spectrum = Float32Array.from({ length: bandwidth ** 2 }, (_, i) => Math.sqrt((i * 31) % 17) - 2);
  expect([digest(spectrumOf(picture)), digest(pictureOf(spectrum))]).toEqual(['49dae261541509df', 'cba0180b7296763f']);
});

describe('canonicalLuma', () => {
  it('weighs colours as BT.601 does', () => {
    const one = (r: number, g: number, b: number) => canonicalLuma({ rgb: Uint8Array.of(r, g, b), width: 1, height: 1 })[0];
    expect(
      [one(255, 0, 0), one(0, 255, 0), one(0, 0, 255), one(255, 255, 255)].map((y) => Math.round((y as number) * 1000)),
    ).toEqual([76_245, 149_685, 29_070, 255_000]);
  });
});

describe('resample', () => {
  it('is linear between pixels when it grows, and averages when it shrinks', () => {
    const row = (from: number[], width: number) => [
      ...resample(Float32Array.from(from), { width: from.length, height: 1 }, { width, height: 1 }),
    ];
    expect(row([0, 8], 4)).toEqual([0, 2, 6, 8]);
    // Triangles of four pixels around the middles of the pairs, and at the edges the edge again.
    expect(row([8, 0, 0, 0, 0, 0, 0, 16], 4).map((value) => Math.round(value * 1000))).toEqual([4000, 0, 0, 8000]);
    expect(row([5, 5, 5, 5, 5, 5, 5], 3).every((value) => Math.abs(value - 5) < 1e-6)).toBe(true);
  });

  it('leaves low frequencies of a picture of twice the size where they were', () => {
    const wave = (length: number) =>
      Float32Array.from({ length: length * length }, (_, i) => {
        return 100 * Math.cos((Math.PI * (2 * (i % length) + 1) * 20) / (2 * length));
      });
    const shrunk = spectrumOf(resample(wave(2 * side), { width: 2 * side, height: 2 * side }, { width: side, height: side }));
    const [at, wanted] = [20, spectrumOf(wave(side))[20] as number];
    expect((shrunk[at] as number) / wanted).toBeGreaterThan(0.98);
    expect(Math.max(...shrunk.map((value, i) => (i === at ? 0 : Math.abs(value)))) / wanted).toBeLessThan(0.01);
  });
});
