import { DarkroomError, encodingOf } from '@darkroom/contracts';
import type { RgbImage } from '@darkroom/onnx-pipeline';
import sharp, { type Metadata } from 'sharp';

/** What a file is turned into, and how large it may be. */
export interface DecodeImageOptions {
  /** Size of the pixels, in pixels. */
  readonly width: number;
  readonly height: number;
  /** The most pixels that the file may hold. */
  readonly maxPixels: number;
}

/**
 * Turns an image file into pixels of one size.
 *
 * The header is read first, and no pixel before it is known how many there are. The camera's orientation is applied, colours become sRGB,
 * and what is transparent is laid on white. An image of another size is scaled to cover the wanted one and cut around the middle.
 *
 * @param file a still PNG, JPEG or WebP; of an animated PNG, which PNG's own decoder does not know, the still picture.
 * @throws {DarkroomError} Thrown with `invalid_argument` for "image" when it is none of these, animated, too large or damaged.
 */
export async function decodeImage(file: Buffer, { width, height, maxPixels }: DecodeImageOptions): Promise<RgbImage> {
  await checkFile('image', file, maxPixels);
  const rgb = await sharp(file, { limitInputPixels: maxPixels, failOn: 'warning', autoOrient: true })
    .resize({ width, height, fit: 'cover' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((cause: unknown) => damagedFile('image', cause));
  return { width, height, rgb: new Uint8Array(rgb.buffer, rgb.byteOffset, rgb.byteLength) };
}

/** Longest side of a picture that is only looked at, in pixels. */
const longestSide = 1024;

/**
 * Turns an image file that {@link checkFile} let pass into the pixels that are seen, in its own shape; large ones are made smaller.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` for "image" when no pixels can be read; what is damaged in part is read in part.
 */
export async function decodeWhole(file: Buffer, maxPixels: number): Promise<RgbImage> {
  const { data, info } = await sharp(file, { limitInputPixels: maxPixels, failOn: 'none', autoOrient: true })
    .resize({ width: longestSide, height: longestSide, fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => damagedFile('image', cause));
  return { width: info.width, height: info.height, rgb: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/**
 * Reads a file's header, and no pixel, so that it may say any size.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` for the parameter when it is no still PNG, JPEG or WebP of at most so many pixels.
 */
export async function checkFile(param: string, file: Buffer, maxPixels: number): Promise<Metadata> {
  if (encodingOf(file) === undefined) {
    throw refused(param, 'must be a PNG, JPEG or WebP file');
  }
  // What decodes pixels has the limit itself, too.
  const header = await sharp(file, { limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => damagedFile(param, cause));
  const { width, height, pages = 1 } = header;
  if (pages > 1) {
    throw refused(param, 'must be a still picture, not an animation');
  }
  if (width * height > maxPixels) {
    throw refused(param, `has ${width}x${height} pixels, and at most ${maxPixels} are allowed`);
  }
  return header;
}

/**
 * Throws the error of a file whose pixels can't be read.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` for the parameter.
 */
export function damagedFile(param: string, cause: unknown): never {
  throw refused(param, 'can not be read: the file is damaged', cause);
}

function refused(param: string, what: string, cause?: unknown): DarkroomError {
  return new DarkroomError({ code: 'invalid_argument', message: `${param} ${what}`, param, cause });
}
