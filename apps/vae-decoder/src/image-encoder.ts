import { type FormatNames, formatNames, type ImageFormat } from '@darkroom/contracts';
import type { RgbImage } from '@darkroom/onnx-pipeline';
import sharp, { type Sharp } from 'sharp';

// Each image is encoded once and differs from every other: a cache of operations would only hold memory.
sharp.cache(false);

/**
 * How each format is written. The same pixels give the same bytes: libvips writes no time of day, and no setting below depends
 * on the machine. PNG level 6 costs a few milliseconds; higher levels cost tens for a per cent or two.
 */
const writers: Readonly<Record<FormatNames['output'], (image: Sharp) => Sharp>> = {
  png: (image) => image.png({ compressionLevel: 6 }),
  jpeg: (image) => image.jpeg({ quality: 92, chromaSubsampling: '4:4:4' }),
  webp: (image) => image.webp({ quality: 92, smartSubsample: true }),
};

/**
 * Turns pixels into the bytes of an image file.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when the format is none that this version knows.
 */
export async function encodeImage({ rgb, width, height }: RgbImage, format: ImageFormat): Promise<Buffer> {
  const write = writers[formatNames(format).output];
  return await write(sharp(rgb, { raw: { width, height, channels: 3 } })).toBuffer();
}
