import type { RgbPixels } from '@darkroom/provenance';
import sharp, { type Sharp } from 'sharp';

/** What is done to a marked picture before the mark is looked for, by its name. */
export const changes: Readonly<Record<string, (picture: RgbPixels) => Promise<RgbPixels>>> = {
  nothing: async (picture) => picture,
  'JPEG 70': (picture) => reopened(open(picture).jpeg({ quality: 70 })),
  'half size': (picture) => reopened(halved(picture).png()),
  'half size, JPEG 70': (picture) => reopened(halved(picture).jpeg({ quality: 70 })),
  'WebP 70': (picture) => reopened(open(picture).webp({ quality: 70 })),
  'twice the size': ({ width, height, ...picture }) =>
    reopened(
      open({ width, height, ...picture })
        .resize(2 * width, 2 * height)
        .png(),
    ),
  'blurred, deviation 1 pixel': (picture) => reopened(open(picture).blur(1).png()),
  'a tenth cut off each side': (picture) => reopened(cut(picture).png()),
};

/** Changes that the mark is made for; the others are only told. */
export const claimed: ReadonlySet<string> = new Set(['nothing', 'JPEG 70', 'half size', 'half size, JPEG 70']);

/** Makes a picture of a file's bytes. */
async function reopened(image: Sharp): Promise<RgbPixels> {
  const { data, info } = await sharp(await image.toBuffer())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
}

const open = ({ rgb, width, height }: RgbPixels) => sharp(rgb, { raw: { width, height, channels: 3 } });

const halved = (picture: RgbPixels) => open(picture).resize(Math.round(picture.width / 2), Math.round(picture.height / 2));

function cut(picture: RgbPixels): Sharp {
  const [left, top] = [Math.round(picture.width / 10), Math.round(picture.height / 10)];
  return open(picture).extract({ left, top, width: picture.width - 2 * left, height: picture.height - 2 * top });
}
