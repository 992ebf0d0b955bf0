import { tensor } from '@darkroom/tensor';
import { expect, it } from 'vitest';
import { cropPlanes, interleaveRgb, toColourPlanes, toUint8Rgb } from './pixels.js';

it('toUint8Rgb interleaves planes, maps [-1, 1] to bytes and clamps', () => {
  const planes = Float32Array.of(-1, 1, 0, 2, -7, 0.5);
  expect(toUint8Rgb(planes, 2, 1)).toEqual({ width: 2, height: 1, rgb: Uint8Array.of(0, 128, 0, 255, 255, 191) });
});

it('interleaveRgb reads the beginnings of longer planes', () => {
  const rgb = new Uint8ClampedArray(6);
  interleaveRgb(Float32Array.of(-1, 1, 9, 0, 2, 9, -7, 0.5, 9), 3, rgb);
  expect([...rgb]).toEqual([0, 128, 0, 255, 255, 191]);
});

it('toColourPlanes undoes toUint8Rgb, for any rectangle', () => {
  const image = { width: 3, height: 2, rgb: Uint8Array.from({ length: 18 }, (_, i) => i * 15) };
  const whole = toColourPlanes(image, { top: 0, left: 0, height: 2, width: 3 });
  expect(whole.shape).toEqual([1, 3, 2, 3]);
  expect(Math.min(...whole.data)).toBe(-1);
  expect(Math.max(...whole.data)).toBe(1);
  expect(toUint8Rgb(whole.data, 3, 2)).toEqual(image);

  const part = toColourPlanes(image, { top: 1, left: 1, height: 1, width: 2 });
  expect(toUint8Rgb(part.data, 2, 1).rgb).toEqual(image.rgb.slice(12));
  expect(cropPlanes(whole, { top: 1, left: 1, height: 1, width: 2 })).toEqual(part);
});

it('cropPlanes takes the rectangle out of every channel', () => {
  const planes = tensor(
    'float32',
    [1, 2, 3, 3],
    Float32Array.from({ length: 18 }, (_, i) => i),
  );
  expect([...cropPlanes(planes, { top: 1, left: 0, height: 2, width: 2 }).data]).toEqual([3, 4, 6, 7, 12, 13, 15, 16]);
});
