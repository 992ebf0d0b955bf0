import { createHash } from 'node:crypto';
import { DarkroomError, encodingOf } from '@darkroom/contracts';
import { maxPicturePixels, type Size } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import type { Metadata, Sharp, SharpOptions } from 'sharp';

/** The files of an edit as they were sent, of which only the headers have been read. */
export interface SentPicture {
  readonly image: Buffer;
  readonly mask: Buffer | undefined;
}

/** The files of an edit as the platform keeps them: PNGs of the size that is drawn, the picture in sRGB without transparency. */
export type PreparedPicture = SentPicture;

/** Longest that a file of the largest size may take to decode. */
const DECODE_SECONDS = 20;

/** A pixel of a mask is drawn anew when it is more transparent than not. */
const opaqueFrom = 128;

/** Pictures decoded at a time: some formats hold every pixel meanwhile, up to 128 MiB. */
const decoding = pLimit(2);

/** Checks pictures that are to be edited, and brings them to what the platform works with. */
@Injectable()
export class Pictures {
  /**
   * Reads the headers of a picture and its mask, and no pixel of them, and returns the picture's size as it is seen.
   *
   * @throws {DarkroomError} Thrown with `invalid_argument` for `image` or `mask` when it isn't a still picture that is taken.
   */
  async inspect({ image, mask }: SentPicture): Promise<Size> {
    const size = sizeOf(await readHeader('image', image));
    if (mask === undefined) return size;
    const header = await readHeader('mask', mask);
    if (header.format !== 'png' || !header.hasAlpha) {
      throw refused('mask', 'must be a PNG with transparency: what is transparent is drawn anew');
    }
    const { width, height } = sizeOf(header);
    if (width !== size.width || height !== size.height) {
      throw refused('mask', `must have the picture's size, ${size.width}x${size.height} pixels, not ${width}x${height}`);
    }
    return size;
  }

  /**
   * Scales a picture to cover a size and cuts it around the middle, and its mask alike; the camera's orientation is applied, colours become
   * sRGB, and what is transparent is laid on white. Doing it again changes nothing.
   *
   * @throws {DarkroomError} Thrown with `invalid_argument` for `image` or `mask` when its pixels can't be read, or when the mask keeps all.
   */
  async prepare({ image, mask }: SentPicture, size: Size): Promise<PreparedPicture> {
    return {
      image: await decoding(() => picture(image, size)),
      mask: mask && (await decoding(() => maskOf(mask, size))),
    };
  }
}

/** Names the files of an edit, as they were sent, so that a request can be known again. */
export function digestsOf({ image, mask }: SentPicture): readonly string[] {
  return [image, ...(mask === undefined ? [] : [mask])].map((file) => createHash('sha256').update(file).digest('base64url'));
}

/** Opens a file; libvips is loaded for the first one, since a gateway that edits nothing needs none of its memory. */
async function open(file: Buffer, options: SharpOptions): Promise<Sharp> {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp(file, { failOn: 'warning', autoOrient: true, ...options });
}

async function readHeader(param: 'image' | 'mask', file: Buffer): Promise<Metadata> {
  if (encodingOf(file) === undefined) throw refused(param, 'must be a PNG, JPEG or WebP file');
  // Only pixels count against libvips' own limit, and none is decoded here.
  const header = await open(file, { limitInputPixels: false })
    .then((opened) => opened.metadata())
    .catch((cause: unknown) => damaged(param, cause));
  const { width, height, pages = 1 } = header;
  if (pages > 1 || isAnimatedPng(file)) throw refused(param, 'must be a still picture, not an animation');
  if (width * height > maxPicturePixels) {
    throw refused(param, `must have at most ${maxPicturePixels.toLocaleString('en')} pixels, not ${width}x${height}`);
  }
  return header;
}

/** Animated PNGs have a chunk `acTL` before their pixels, which libvips passes over. */
function isAnimatedPng(file: Buffer): boolean {
  if (encodingOf(file) !== 'png') return false;
  for (let at = 8; at + 8 <= file.length; at += 12 + file.readUInt32BE(at)) {
    const chunk = file.toString('latin1', at + 4, at + 8);
    if (chunk === 'acTL') return true;
    if (chunk === 'IDAT') return false;
  }
  return false;
}

function sizeOf({ autoOrient }: Metadata): Size {
  return { width: autoOrient.width, height: autoOrient.height };
}

async function picture(file: Buffer, { width, height }: Size): Promise<Buffer> {
  const opened = await open(file, { limitInputPixels: maxPicturePixels });
  return await opened
    .timeout({ seconds: DECODE_SECONDS })
    .resize({ width, height, fit: 'cover' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .png()
    .toBuffer()
    .catch((cause: unknown) => damaged('image', cause));
}

async function maskOf(file: Buffer, { width, height }: Size): Promise<Buffer> {
  const opened = await open(file, { limitInputPixels: maxPicturePixels });
  const alpha = await opened
    .timeout({ seconds: DECODE_SECONDS })
    .extractChannel('alpha')
    .resize({ width, height, fit: 'cover', kernel: 'nearest' })
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((cause: unknown) => damaged('mask', cause));
  // Grey and alpha, row by row; the grey says nothing.
  const pixels = Buffer.alloc(2 * alpha.length);
  for (const [i, value] of alpha.entries()) pixels[2 * i + 1] = value < opaqueFrom ? 0 : 255;
  if (alpha.every((value) => value >= opaqueFrom)) throw refused('mask', 'must have transparent pixels, which are drawn anew');
  const made = await open(pixels, { raw: { width, height, channels: 2 }, autoOrient: false });
  return await made.png().toBuffer();
}

function damaged(param: 'image' | 'mask', cause: unknown): never {
  throw refused(param, 'can not be read: the file is damaged', cause);
}

function refused(param: 'image' | 'mask', what: string, cause?: unknown): DarkroomError {
  return new DarkroomError({ code: 'invalid_argument', message: `\`${param}\` ${what}`, param, cause });
}
