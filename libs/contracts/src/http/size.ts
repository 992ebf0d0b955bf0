import { DarkroomError } from '../error/darkroom-error.js';
import type { ServedModel } from './parameters.js';

/** An image's size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a size looks like; which sizes a model draws is another question. */
export const sizePattern = /^(?:auto|([1-9]\d{0,4})x([1-9]\d{0,4}))$/;

/**
 * Reads a size like "256x320", or "auto" for the model's default.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when the model doesn't draw it; the message tells which it does.
 */
export function parseSize(size: string, model: ServedModel): Size {
  if (size === 'auto') return model.defaultSize;
  const [, width, height] = sizePattern.exec(size) ?? [];
  const parsed = { width: Number(width), height: Number(height) };
  if (!isDrawn(parsed, model)) {
    throw new DarkroomError({
      code: 'invalid_argument',
      message:
        `\`size\` must be "auto" or "WIDTHxHEIGHT", each side a multiple of ${model.granularity} ` +
        `from ${model.minSide} to ${model.maxSide}, and at most ${model.maxPixels.toLocaleString('en')} pixels in all`,
      param: 'size',
    });
  }
  return parsed;
}

/** Tells whether a model draws images of a size. */
export function isDrawn({ width, height }: Size, model: ServedModel): boolean {
  const sidesFit = [width, height].every(
    (side) => side >= model.minSide && side <= model.maxSide && side % model.granularity === 0,
  );
  return sidesFit && width * height <= model.maxPixels;
}
