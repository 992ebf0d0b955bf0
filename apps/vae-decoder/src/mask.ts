import { DarkroomError } from '@darkroom/contracts';
import { type Tensor, tensor } from '@darkroom/tensor';
import sharp from 'sharp';
import { checkFile, damagedFile } from './image-decoder.js';

/** Which pixels of a picture are drawn anew, row by row: 1 for those, 0 for what is kept. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly redrawn: Uint8Array;
}

/** A pixel is drawn anew when it is more transparent than not. */
const opaqueFrom = 128;

/**
 * Reads a mask: the pixels of a PNG that are transparent are drawn anew.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` for "mask" when it is no PNG with an alpha channel, of another size, or damaged.
 */
export async function decodeMask(file: Buffer, { width, height }: Omit<Mask, 'redrawn'>): Promise<Mask> {
  const header = await checkFile('mask', file, width * height);
  if (header.format !== 'png' || !header.hasAlpha) throw refused('mask must be a PNG with an alpha channel');
  if (header.width !== width || header.height !== height) {
    throw refused(`mask has ${header.width}x${header.height} pixels, and its picture ${width}x${height}`);
  }
  const alpha = await sharp(file, { limitInputPixels: width * height, failOn: 'warning' })
    .extractChannel('alpha')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((cause: unknown) => damagedFile('mask', cause));
  return { width, height, redrawn: Uint8Array.from(alpha, (value) => (value < opaqueFrom ? 1 : 0)) };
}

/**
 * Brings a mask to the resolution of latents: a position is drawn anew when any of its pixels is, since it can't be kept in part.
 *
 * @param shape of the latents, [1, channels, rows, columns].
 * @returns float32 [1, 1, rows, columns]: 1 is drawn anew, 0 kept.
 */
export function maskLatents({ width, height, redrawn }: Mask, [, , rows = 0, columns = 0]: readonly number[]): Tensor<'float32'> {
  const positions = new Float32Array(rows * columns);
  for (const [i, value] of redrawn.entries()) {
    if (value === 0) continue;
    const row = Math.floor((Math.floor(i / width) * rows) / height);
    positions[row * columns + Math.floor(((i % width) * columns) / width)] = 1;
  }
  return tensor('float32', [1, 1, rows, columns], positions);
}

function refused(message: string): DarkroomError {
  return new DarkroomError({ code: 'invalid_argument', message, param: 'mask' });
}
