import { describe, expect, it } from 'vitest';
import { fromFloat16Bits, toFloat16, toFloat16Bits, toFloat32 } from './float16.js';
import { tensor } from './tensor.js';

describe('float16', () => {
  it('returns every one of the 65,536 patterns to itself', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const notANumber = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
      const back = toFloat16Bits(fromFloat16Bits(bits));
      if (notANumber ? (back & 0x7e00) !== 0x7e00 : back !== bits) {
        expect.fail(`0x${bits.toString(16)} came back as 0x${back.toString(16)}`);
      }
    }
  });

  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65520, 0x7c00],
    [1e9, 0x7c00],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [-(2 ** -25), 0x8000],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 ** -14 - 2 ** -26, 0x0400],
  ])('rounds %f to the nearest, ties to even', (value, bits) => {
    expect(toFloat16Bits(value)).toBe(bits);
  });

  it('converts tensors there and back', () => {
    const half = toFloat16(tensor('float32', [2, 2], Float32Array.of(0.5, -1.5, 0.1, 3)));
    expect(half.shape).toEqual([2, 2]);
    expect([...toFloat32(half).data]).toEqual([0.5, -1.5, 0.0999755859375, 3]);
  });
});
