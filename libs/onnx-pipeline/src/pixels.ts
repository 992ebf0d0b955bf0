import type { RgbImage } from './families/family.js';

/**
 * Turns colour planes in [-1, 1] into interleaved bytes, clamping what lies outside.
 *
 * @param planes float32 [3, height, width].
 * @returns uint8 [height, width, 3]; halves round to even, as Uint8ClampedArray does on every engine.
 */
export function toUint8Rgb(planes: Float32Array, width: number, height: number): RgbImage {
  const pixels = width * height;
  const rgb = new Uint8ClampedArray(pixels * 3);
  for (let pixel = 0, i = 0; pixel < pixels; pixel++) {
    rgb[i++] = ((planes[pixel] as number) + 1) * 127.5;
    rgb[i++] = ((planes[pixels + pixel] as number) + 1) * 127.5;
    rgb[i++] = ((planes[2 * pixels + pixel] as number) + 1) * 127.5;
  }
  return { width, height, rgb: new Uint8Array(rgb.buffer) };
}
