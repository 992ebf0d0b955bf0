import type { RgbImage } from '@darkroom/onnx-pipeline';
import { mean, meanSquaredError } from './statistics.js';

/** How much the seed changes a picture, next to how much the caption does. */
export interface Diversity {
  readonly captions: number;
  /** Pictures of each caption, seeds apart. */
  readonly seeds: number;
  /** Root mean square difference of bytes (0 to 255), mean over the pairs of one caption's pictures. */
  readonly acrossSeeds: number;
  /** The same over pictures of different captions with the same seed. */
  readonly acrossCaptions: number;
}

/**
 * Compares pictures of several captions with several seeds each.
 *
 * @param pictures one row to a caption, one picture to a seed; at least two of each.
 */
export function diversity(pictures: readonly (readonly RgbImage[])[]): Diversity {
  const seeds = pictures[0]?.length ?? 0;
  const columns = Array.from({ length: seeds }, (_, seed) => pictures.map((row) => row[seed] as RgbImage));
  return {
    captions: pictures.length,
    seeds,
    acrossSeeds: mean(pictures.flatMap(pairDifferences)),
    acrossCaptions: mean(columns.flatMap(pairDifferences)),
  };
}

function pairDifferences(pictures: readonly RgbImage[]): readonly number[] {
  return pictures.flatMap((a, i) => pictures.slice(i + 1).map((b) => Math.sqrt(meanSquaredError(a.rgb, b.rgb))));
}
