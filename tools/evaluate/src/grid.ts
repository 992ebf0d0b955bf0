import type { RgbImage } from '@darkroom/onnx-pipeline';
import sharp from 'sharp';
import { advance, breakLines, drawLine } from './font.js';

/** A picture of the grid with its caption, dark where the judge found everything asked for, else red. */
export interface Tile {
  readonly picture: RgbImage;
  readonly caption: string;
  readonly right: boolean;
}

const gap = 8;
const lines = 3;

/** Lays tiles out in rows, at half their size, on white. */
export function drawGrid(tiles: readonly Tile[], columns: number): RgbImage {
  const side = Math.max(...tiles.map(({ picture }) => picture.width)) / 2;
  const cell = { width: side + gap, height: side + gap + lines * advance.y };
  const width = columns * cell.width + gap;
  const height = Math.ceil(tiles.length / columns) * cell.height + gap;
  const rgb = new Uint8Array(width * height * 3).fill(255);
  for (const [place, { picture, caption, right }] of tiles.entries()) {
    const left = gap + (place % columns) * cell.width;
    const top = gap + Math.floor(place / columns) * cell.height;
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) rgb.set(halved(picture, x, y), ((top + y) * width + left + x) * 3);
    }
    const colour = right ? [40, 40, 40] : [200, 30, 40];
    const broken = breakLines(caption, Math.floor(side / advance.x)).slice(0, lines);
    for (const [row, line] of broken.entries()) {
      const base = top + side + 3 + row * advance.y;
      drawLine(line, (x, y) => rgb.set(colour, ((base + y) * width + left + x) * 3));
    }
  }
  return { width, height, rgb };
}

/** Encodes a picture as PNG, the same bytes each time. */
export async function encodePng({ width, height, rgb }: RgbImage): Promise<Uint8Array> {
  return await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

/** Encodes a picture as WebP with loss, a fifth of a PNG's size, for a model's folder, whose size counts. */
export async function encodeWebp({ width, height, rgb }: RgbImage): Promise<Uint8Array> {
  return await sharp(rgb, { raw: { width, height, channels: 3 } })
    .webp({ quality: 82 })
    .toBuffer();
}

/** Reads a picture, given as a path or as a file's bytes, as uncompressed RGB. */
export async function decodePicture(file: string | Uint8Array): Promise<RgbImage> {
  const { data, info } = await sharp(file).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: new Uint8Array(data) };
}

/** Averages the four pixels that become one. */
function halved({ width, rgb }: RgbImage, x: number, y: number): readonly number[] {
  const at = (2 * y * width + 2 * x) * 3;
  return [0, 1, 2].map((channel) => {
    const sum = [0, 3, width * 3, width * 3 + 3].reduce((total, offset) => total + (rgb[at + offset + channel] as number), 0);
    return Math.round(sum / 4);
  });
}
