import { type Tensor, tensor } from '@darkroom/tensor';
import type { RgbImage } from './families/family.js';

/**
 * Turns colour planes in [-1, 1] into interleaved bytes, clamping what lies outside.
 *
 * @param planes float32 [3, height, width].
 * @returns uint8 [height, width, 3]; halves round to even, as Uint8ClampedArray does on every engine.
 */
export function toUint8Rgb(planes: Float32Array, width: number, height: number): RgbImage {
  const rgb = new Uint8ClampedArray(width * height * 3);
  interleaveRgb(planes, width * height, rgb);
  return { width, height, rgb: new Uint8Array(rgb.buffer) };
}

/**
 * Fills interleaved bytes from the beginnings of three colour planes, as {@link toUint8Rgb} does from whole ones.
 *
 * @param planes float32, red, green and blue, each `planeLength` elements after the other.
 */
export function interleaveRgb(planes: Float32Array, planeLength: number, rgb: Uint8ClampedArray): void {
  for (let pixel = 0, i = 0; i < rgb.length; pixel++) {
    rgb[i++] = ((planes[pixel] as number) + 1) * 127.5;
    rgb[i++] = ((planes[planeLength + pixel] as number) + 1) * 127.5;
    rgb[i++] = ((planes[2 * planeLength + pixel] as number) + 1) * 127.5;
  }
}

/** A rectangle of a plane, in elements. */
export interface Rectangle {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Turns a rectangle of an image into colour planes in [-1, 1], float32 [1, 3, height, width]: byte / 127.5 - 1. */
export function toColourPlanes({ rgb, width: imageWidth }: RgbImage, { top, left, height, width }: Rectangle): Tensor<'float32'> {
  const pixels = width * height;
  const planes = new Float32Array(3 * pixels);
  for (let y = 0, pixel = 0; y < height; y++) {
    let i = ((top + y) * imageWidth + left) * 3;
    for (const end = pixel + width; pixel < end; pixel++) {
      planes[pixel] = (rgb[i++] as number) / 127.5 - 1;
      planes[pixels + pixel] = (rgb[i++] as number) / 127.5 - 1;
      planes[2 * pixels + pixel] = (rgb[i++] as number) / 127.5 - 1;
    }
  }
  return tensor('float32', [1, 3, height, width], planes);
}

/** Copies a rectangle out of every plane of float32 [1, channels, planeHeight, planeWidth]. */
export function cropPlanes({ shape, data }: Tensor<'float32'>, { top, left, height, width }: Rectangle): Tensor<'float32'> {
  const [, channels = 0, planeHeight = 0, planeWidth = 0] = shape;
  const cropped = new Float32Array(channels * height * width);
  for (let channel = 0, to = 0; channel < channels; channel++) {
    for (let y = top; y < top + height; y++, to += width) {
      const from = (channel * planeHeight + y) * planeWidth + left;
      cropped.set(data.subarray(from, from + width), to);
    }
  }
  return tensor('float32', [1, channels, height, width], cropped);
}
