import { DarkroomError, type DecodeRequest, type FormatNames, formatNames } from '@darkroom/contracts';
import type { RgbImage } from '@darkroom/onnx-pipeline';
import sharp, { type Sharp } from 'sharp';

// Each image is encoded once and differs from every other: a cache of operations would only hold memory.
sharp.cache(false);

/** Quality of JPEG and WebP unless another is asked for: past it, files grow and nobody sees a difference. */
const usualQuality = 92;

/**
 * How each format is written. The same pixels give the same bytes: libvips writes no time of day, and no setting below depends
 * on the machine. PNG level 3 takes 2 ms at 256 pixels and 24 ms at 1024; level 6 takes four times as long for files a tenth
 * smaller.
 */
const writers: Readonly<Record<FormatNames['output'], (image: Sharp, quality: number) => Sharp>> = {
  png: (image) => image.png({ compressionLevel: 3 }),
  jpeg: (image, quality) => image.jpeg({ quality, chromaSubsampling: '4:4:4' }),
  webp: (image, quality) => image.webp({ quality, smartSubsample: true }),
};

/** A file's format, and its quality: 1 to 100, or 0 for the usual one and for PNG. */
export type FileFormat = Pick<DecodeRequest, 'format' | 'quality'>;

/** How a file is written. */
export interface EncodeImageOptions extends FileFormat {
  /** An XMP packet to put into it; undefined for none. */
  readonly xmp: string | undefined;
}

/**
 * Turns pixels into the bytes of an image file, given options that {@link checkEncoding} let pass.
 */
export async function encodeImage(
  { rgb, width, height }: RgbImage,
  { format, quality, xmp }: EncodeImageOptions,
): Promise<Buffer> {
  const write = writers[formatNames(format).output];
  const image = write(sharp(rgb, { raw: { width, height, channels: 3 } }), quality || usualQuality);
  return await (xmp === undefined ? image : image.withXmp(xmp)).toBuffer();
}

/**
 * Checks that a file can be written so.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when this version knows no such format, or the format no such quality.
 */
export function checkEncoding({ format, quality }: FileFormat): void {
  const { output } = formatNames(format);
  if (quality === 0 || (output !== 'png' && quality <= 100)) return;
  throw new DarkroomError({
    code: 'invalid_argument',
    message: 'quality must be 0, or for JPEG and WebP at most 100',
    param: 'quality',
  });
}
