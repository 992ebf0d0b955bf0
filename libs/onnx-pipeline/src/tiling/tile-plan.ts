/** How an axis of latents is cut into overlapping tiles; pure arithmetic on latent positions. */

/** How neighbouring tiles meet, in latent positions. */
export interface TileOverlap {
  /** The fewest positions that two neighbours have in common. */
  readonly overlap: number;
  /**
   * Positions in the middle of them over which one tile gives way to the next. What lies between a tile's edge and the ramp is thrown
   * away: there the kernels saw the edge's zeros where the whole image has content.
   */
  readonly ramp: number;
}

/** One axis cut into tiles of one length. */
export interface AxisTiles {
  /** Length of the axis. */
  readonly length: number;
  /** Length of every tile. */
  readonly tile: number;
  /** Where each tile begins, ascending; the first at 0, the last so that it ends with the axis. */
  readonly starts: readonly number[];
  readonly ramp: number;
}

/** A plane of latent positions cut into tiles along both axes. */
export interface TileGrid {
  readonly rows: AxisTiles;
  readonly columns: AxisTiles;
}

/**
 * Cuts an axis into as few tiles of one length as the greatest length allows, and makes them no longer than that takes.
 *
 * One length for all, since a runtime allocates anew for each shape; the starts are spread evenly, so that overlaps are the wanted one
 * or one position more.
 *
 * @param length positions of the axis, at least 1.
 * @param longest positions that a tile may have at most.
 * @throws RangeError when tiles could not get on, or one would meet two others at once: longest < 2 * overlap, or ramp > overlap / 2.
 */
export function planAxis(length: number, longest: number, { overlap, ramp }: TileOverlap): AxisTiles {
  if (longest < 2 * overlap || ramp > overlap / 2) {
    throw new RangeError(`tiles of ${longest} positions can't overlap by ${overlap} with a ramp of ${ramp}`);
  }
  if (length <= longest) {
    return { length, tile: length, starts: [0], ramp };
  }
  const count = Math.ceil((length - overlap) / (longest - overlap));
  const tile = Math.ceil((length + (count - 1) * overlap) / count);
  const starts = Array.from({ length: count }, (_, i) => Math.round((i * (length - tile)) / (count - 1)));
  return { length, tile, starts, ramp };
}

/**
 * Cuts a plane of latents into tiles where it is larger than it may be.
 *
 * Depends on the size and the limit alone, so that the same latents are always cut the same way.
 *
 * @param limit positions that may be worked on at once; tiles of twice the overlap are made even where that is more.
 * @returns the tiles, square unless the plane is narrower; undefined when the plane may stay whole.
 */
export function planTiles(height: number, width: number, limit: number, overlap: TileOverlap): TileGrid | undefined {
  if (height * width <= limit) return undefined;
  const longest = Math.max(2 * overlap.overlap, Math.floor(Math.sqrt(limit)));
  const grid = { rows: planAxis(height, longest, overlap), columns: planAxis(width, longest, overlap) };
  return grid.rows.starts.length * grid.columns.starts.length === 1 ? undefined : grid;
}

/**
 * Weighs each output element of one tile along an axis; over all tiles the weights of an element sum to one.
 *
 * Linear ramps, as diffusers' AutoencoderKL has in `blend_v` and `blend_h`, but in the middle of the overlap alone instead of over all
 * of it. At an element's middle x the ramp between tiles i and i + 1 is t = (x - start) / length, clamped to [0, 1]; tile i weighs 1 - t.
 *
 * @param scale output elements per position.
 * @returns as many weights as the tile has output elements.
 */
export function tileWeights({ tile, starts, ramp }: AxisTiles, index: number, scale: number): Float64Array {
  const start = starts[index] as number;
  const meeting = (other: number | undefined) =>
    other === undefined ? undefined : ((start + other + tile - ramp) / 2 - start) * scale;
  const before = meeting(starts[index - 1]);
  const after = meeting(starts[index + 1]);
  const risen = (x: number, from: number) => Math.min(1, Math.max(0, (x - from) / (ramp * scale)));
  return Float64Array.from({ length: tile * scale }, (_, i) => {
    const x = i + 0.5;
    return (before === undefined ? 1 : risen(x, before)) * (after === undefined ? 1 : 1 - risen(x, after));
  });
}
