import { describe, expect, it } from 'vitest';
import { checkImageSize } from './image-size.js';

const limits = { granularity: 32, minSide: 64, maxSide: 1024, maxPixels: 512 * 1024 };

describe('checkImageSize', () => {
  it.each([
    [64, 64],
    [512, 1024],
    [96, 320],
  ])('lets %dx%d pass', (width, height) => {
    expect(() => checkImageSize(width, height, limits)).not.toThrow();
  });

  it.each([
    [32, 64],
    [100, 64],
    [64, 1056],
    [1024, 1024],
    [Number.NaN, 64],
  ])('refuses %dx%d and says what is allowed', (width, height) => {
    expect(() => checkImageSize(width, height, limits)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', param: 'size', message: expect.stringContaining('multiple of 32') }),
    );
  });
});
