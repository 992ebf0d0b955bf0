import { describe, expect, it } from 'vitest';
import { mean, meanSquaredError, psnr, wilson } from './statistics.js';

describe('wilson', () => {
  it('gives the interval of published examples', () => {
    // Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for (const [right, asked, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const) {
      const share = wilson(right, asked);
      expect(share.low).toBeCloseTo(low, 4);
      expect(share.high).toBeCloseTo(high, 4);
    }
  });

  it('stays within 0 and 1, and is the mirror image for the wrong answers', () => {
    const [all, none] = [wilson(12, 12), wilson(0, 12)];
    expect(all.high).toBe(1);
    expect(all.low).toBeCloseTo(1 - none.high, 12);
  });

  it('refuses no questions', () => {
    expect(() => wilson(0, 0)).toThrow(RangeError);
  });
});

describe('psnr', () => {
  it('is 20 log10(255 / d) where every byte is off by d', () => {
    const error = meanSquaredError(new Uint8Array([10, 20, 30]), new Uint8Array([15, 15, 35]));
    expect(error).toBe(25);
    expect(psnr(error)).toBeCloseTo(20 * Math.log10(51), 12);
  });

  it('refuses pictures of different sizes', () => {
    expect(() => meanSquaredError(new Uint8Array(3), new Uint8Array(6))).toThrow(RangeError);
  });
});

describe('mean', () => {
  it('refuses an empty list', () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(() => mean([])).toThrow(RangeError);
  });
});
