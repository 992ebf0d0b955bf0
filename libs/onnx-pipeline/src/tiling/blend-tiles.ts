import { type TileGrid, tileWeights } from './tile-plan.js';

/** What the tiles of a grid become. */
export interface BlendedShape {
  readonly channels: number;
  /** Output elements per latent position, along each axis. */
  readonly scale: number;
}

/** Rows of the output that no later tile touches. */
export interface FinishedRows {
  /** float32 planes of `planeLength` elements each; the rows stand at the beginning of every plane, and are overwritten afterwards. */
  readonly planes: Float32Array;
  readonly planeLength: number;
  /** Index of the first of them in the output. */
  readonly top: number;
  readonly count: number;
}

/**
 * Makes an output tile by tile, blending where tiles overlap, and hands it on row by row.
 *
 * Holds one tile and a window of one row of tiles: the whole output is the receiver's business, who may keep it in fewer bytes. Sums run
 * in the same order each time, so the same tiles give the same bits.
 *
 * @param makeTile gives the output of the tile at a latent position, float32 [channels, tile height * scale, tile width * scale].
 * @param receive takes finished rows, from top to bottom, without a gap.
 */
export async function blendTiles(
  { rows, columns }: TileGrid,
  { channels, scale }: BlendedShape,
  makeTile: (top: number, left: number) => Promise<Float32Array>,
  receive: (rows: FinishedRows) => void,
): Promise<void> {
  const width = columns.length * scale;
  const planeLength = rows.tile * scale * width;
  const planes = new Float32Array(channels * planeLength);
  const columnWeights = columns.starts.map((_, j) => tileWeights(columns, j, scale));
  for (const [i, top] of rows.starts.entries()) {
    const rowWeights = tileWeights(rows, i, scale);
    for (const [j, left] of columns.starts.entries()) {
      const tile = await makeTile(top, left);
      const weights = columnWeights[j] as Float64Array;
      for (let channel = 0; channel < channels; channel++) {
        const target = planes.subarray(channel * planeLength + left * scale);
        addWeighted(target, width, tile.subarray((channel * tile.length) / channels), rowWeights, weights);
      }
    }
    const next = rows.starts[i + 1] ?? rows.length;
    receive({ planes, planeLength, top: top * scale, count: (next - top) * scale });
    advance(planes, planeLength, (next - top) * scale * width);
  }
}

/** Adds a tile's plane to a wider one: target[y][x] += rowWeights[y] * columnWeights[x] * tile[y][x]. */
function addWeighted(
  target: Float32Array,
  targetWidth: number,
  tile: Float32Array,
  rowWeights: Float64Array,
  columnWeights: Float64Array,
): void {
  const width = columnWeights.length;
  for (const [y, rowWeight] of rowWeights.entries()) {
    if (rowWeight === 0) continue;
    const to = y * targetWidth;
    const from = y * width;
    for (let x = 0; x < width; x++) {
      target[to + x] = (target[to + x] as number) + rowWeight * (columnWeights[x] as number) * (tile[from + x] as number);
    }
  }
}

/** Moves the window down: drops the first elements of every plane, and makes room for as many at its end. */
function advance(planes: Float32Array, planeLength: number, elements: number): void {
  for (let start = 0; start < planes.length; start += planeLength) {
    const plane = planes.subarray(start, start + planeLength);
    plane.copyWithin(0, elements);
    plane.fill(0, planeLength - elements);
  }
}
