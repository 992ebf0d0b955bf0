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
 * Reads a size like "256x320", or "auto".
 *
 * @param auto what "auto" means.
 * @throws {DarkroomError} Thrown with `invalid_argument` when the model doesn't draw it; the message tells which it does.
 */
export function parseSize(size: string, model: ServedModel, auto: Size): Size {
  if (size === 'auto') return auto;
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

/**
 * Checks a width and a height against what a model draws.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` naming the side that it doesn't draw, and which it does.
 */
export function parseSides(size: Size, model: ServedModel): Size {
  const unfit = (['width', 'height'] as const).find((name) => !isSide(size[name], model));
  if (unfit === undefined && isDrawn(size, model)) return size;
  const param = unfit ?? 'width';
  throw new DarkroomError({
    code: 'invalid_argument',
    message:
      `\`${param}\` must be a multiple of ${model.granularity} from ${model.minSide} to ${model.maxSide}, ` +
      `and \`width\` times \`height\` at most ${model.maxPixels.toLocaleString('en')}`,
    param,
  });
}

/** Tells whether a model draws images of a size. */
export function isDrawn({ width, height }: Size, model: ServedModel): boolean {
  return [width, height].every((side) => isSide(side, model)) && width * height <= model.maxPixels;
}

function isSide(side: number, { minSide, maxSide, granularity }: ServedModel): boolean {
  return side >= minSide && side <= maxSide && side % granularity === 0;
}

/**
 * Returns the size that a model draws a picture's shape at: the picture's own where it is no larger than the model's default in pixels,
 * and about as many pixels as that otherwise.
 */
export function sizeLike({ width, height }: Size, model: ServedModel): Size {
  const { granularity, minSide, maxSide, maxPixels, defaultSize } = model;
  const pixels = Math.min(maxPixels, defaultSize.width * defaultSize.height);
  if (width * height <= pixels && isDrawn({ width, height }, model)) return { width, height };
  const scale = Math.sqrt(pixels / (width * height));
  const side = (length: number) => {
    const rounded = Math.round((length * scale) / granularity) * granularity;
    return Math.min(Math.max(rounded, minSide), maxSide);
  };
  const fitted = { width: side(width), height: side(height) };
  // Rounding up can go past what the model takes, by less than a row of the grid.
  while (fitted.width * fitted.height > maxPixels) {
    if (fitted.width >= fitted.height) fitted.width -= granularity;
    else fitted.height -= granularity;
  }
  return fitted;
}
