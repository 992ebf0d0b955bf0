import { readFileSync } from 'node:fs';
import type { ModelFolder } from '@darkroom/onnx-pipeline';
import { trainedSide } from './evaluate.js';
import { drawGrid, encodePng, type Tile } from './grid.js';
import { Painter } from './painter.js';

/** Prompts of the README's picture, chosen among those that the model draws well; the seeds are 1, 2, 3, … and not chosen. */
export const galleryPrompts: readonly string[] = [
  'a slice of pizza',
  'a yellow star on a black background',
  'a red circle left of a blue square',
  'a red apple on a blue background',
  'a cat on a purple background',
  'a castle',
  'a sunflower',
  'a blue car',
  'three red hearts',
  'a snowman on a blue background',
  'a house',
  'a green triangle above an orange star',
];

/** Paints the README's picture as a PNG; the same model gives the same bytes on processors with the same {@link instructionSet}. */
export async function paintGallery(folder: ModelFolder, onPainted: (count: number) => void = () => {}): Promise<Uint8Array> {
  // One thread, so that not even the number of cores can matter.
  const painter = await Painter.load(folder, 1, { steps: 20, guidance: 4, side: trainedSide });
  try {
    const tiles: Tile[] = [];
    for (const [index, caption] of galleryPrompts.entries()) {
      tiles.push({ caption, picture: await painter.paint(caption, index + 1), right: true });
      onPainted(tiles.length);
    }
    return await encodePng(drawGrid(tiles, 6));
  } finally {
    await painter.close();
  }
}

/** What {@link paintGallery}'s bytes depend on besides the code; kept beside the picture, in samples.json. */
export interface GalleryOrigin {
  readonly modelDigest: string;
  readonly instructionSet: string;
}

/**
 * Names the widest vector instructions that this processor offers and ONNX Runtime has kernels for.
 *
 * Kernels for another width add up in another order, so pictures agree to the last bit only where this does.
 */
export function instructionSet(): string {
  const flags = process.platform === 'linux' && process.arch === 'x64' ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const widest = ['avx512f', 'avx2', 'avx'].find((name) => new RegExp(`\\b${name}\\b`).test(flags));
  return `${process.arch} ${widest ?? ''}`.trim();
}
