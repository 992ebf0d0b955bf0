import { DarkroomError } from '@darkroom/contracts';
import sharp from 'sharp';
import type { RgbPicture } from './resize.js';

// Every picture is looked at once: a cache would only hold memory.
sharp.cache(false);
sharp.concurrency(1);

const maxPixels = 4096 * 4096;
const formats = ['png', 'jpeg', 'webp'];

/**
 * Decodes an image file to RGB, transparent parts on white.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when it is no PNG, JPEG or WebP, is broken or too large, or has several frames,
 *   of which only the first would be judged.
 */
export async function decodeImage(bytes: Uint8Array): Promise<RgbPicture> {
  try {
    const image = sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels, pages: 1 });
    const { format, pages = 1 } = await image.metadata();
    if (!formats.includes(format)) throw new Error(`the format ${format} is not judged`);
    if (pages > 1) throw new Error('it has several frames');
    const { data, info } = await image
      .autoOrient()
      .toColourspace('srgb')
      .flatten({ background: 'white' })
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data: info.channels === 3 ? data : greyToRgb(data), width: info.width, height: info.height };
  } catch (error) {
    throw new DarkroomError({
      code: 'invalid_argument',
      message: `image must be one PNG, JPEG or WebP picture of at most ${maxPixels} pixels`,
      param: 'image',
      cause: error,
    });
  }
}

function greyToRgb(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  grey.forEach((value, index) => {
    rgb.fill(value, index * 3, index * 3 + 3);
  });
  return rgb;
}
