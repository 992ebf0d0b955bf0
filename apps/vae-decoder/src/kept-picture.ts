import type { RgbImage } from '@darkroom/onnx-pipeline';
import type { Mask } from './mask.js';

/** A quarter of the side of a position of the latents, in pixels; the edge is twice as wide. */
const radius = 4;

/**
 * Lays what an edit keeps of its picture over the decoded image, which a VAE gives back only nearly.
 *
 * What the mask draws anew is the image's to the bit, and what lies more than 8 pixels beside it the picture's. In between the picture
 * fades in: the mask grown by 4 pixels, averaged over the 9x9 pixels around each.
 *
 * @param image as decoded.
 * @param picture of the same size.
 * @param mask of the same size.
 */
export function layKept(image: RgbImage, picture: RgbImage, mask: Mask): RgbImage {
  const { width, height } = mask;
  const grown = sumAround(mask.redrawn, width, height).map((sum) => (sum > 0 ? 1 : 0));
  const sums = sumAround(grown, width, height);
  const rgb = picture.rgb.slice();
  for (const [i, sum] of sums.entries()) {
    if (sum === 0) continue;
    const share = sum / (span(i % width, width) * span(Math.floor(i / width), height));
    for (let at = 3 * i; at < 3 * i + 3; at++) {
      rgb[at] = Math.round((1 - share) * (picture.rgb[at] as number) + share * (image.rgb[at] as number));
    }
  }
  return { width, height, rgb };
}

/** Sums over the square of pixels up to the radius away from each pixel, as far as they lie within the picture. */
function sumAround(values: ArrayLike<number>, width: number, height: number): Uint16Array {
  return sumAlong(sumAlong(values, width, 1), height, width);
}

/** Sums along one axis, of some length; neighbours on it are `step` elements apart. */
function sumAlong(values: ArrayLike<number>, length: number, step: number): Uint16Array {
  const sums = new Uint16Array(values.length);
  for (let i = 0; i < sums.length; i++) {
    const place = Math.floor(i / step) % length;
    const last = i + Math.min(radius, length - 1 - place) * step;
    let sum = 0;
    for (let at = i - Math.min(radius, place) * step; at <= last; at += step) sum += values[at] as number;
    sums[i] = sum;
  }
  return sums;
}

/** How many pixels on an axis lie up to the radius away from a place, that one included. */
function span(place: number, length: number): number {
  return Math.min(radius, place) + Math.min(radius, length - 1 - place) + 1;
}
