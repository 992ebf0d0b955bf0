import { expect, it } from 'vitest';
import { toUint8Rgb } from './pixels.js';

it('toUint8Rgb interleaves planes, maps [-1, 1] to bytes and clamps', () => {
  const planes = Float32Array.of(-1, 1, 0, 2, -7, 0.5);
  expect(toUint8Rgb(planes, 2, 1)).toEqual({ width: 2, height: 1, rgb: Uint8Array.of(0, 128, 0, 255, 255, 191) });
});
