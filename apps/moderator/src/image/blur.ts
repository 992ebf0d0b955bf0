import sharp from 'sharp';

/** Side of the blocks that a picture is first reduced to, as a share of its longer side: nothing smaller than that can be made out. */
const blocks = 12;

/**
 * Makes a picture unrecognisable: reduced to a dozen blocks on its longer side and scaled up softly, so that no sharpening brings it back.
 *
 * @param image an encoded PNG, JPEG or WebP.
 * @returns a picture of the same size and format.
 */
export async function blurred(image: Uint8Array): Promise<Buffer> {
  const { width, height, format } = await sharp(image).metadata();
  const scale = blocks / Math.max(width, height);
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  const reduced = await sharp(image)
    .resize({ width: side(width), height: side(height), fit: 'fill', kernel: 'linear' })
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const soft = sharp(reduced.data, { raw: reduced.info }).resize({ width, height, fit: 'fill', kernel: 'cubic' });
  return await soft.toFormat(format).toBuffer();
}
