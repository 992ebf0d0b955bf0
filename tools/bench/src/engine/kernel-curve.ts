import type { BatchEvent } from '@darkroom/onnx-pipeline';
import { median } from '../figures.js';
import type { Testbed } from './testbed.js';

/** What the kernels take for one row, in a batch of so many. */
export interface CurvePoint {
  readonly side: number;
  /** The engine's name for what can share a batch. */
  readonly bucket: string;
  readonly rows: number;
  readonly msPerRow: number;
}

export const curveSides: readonly number[] = [64, 128, 256];
export const curveRows: readonly number[] = [1, 2, 4, 8, 16, 32, 64];

/**
 * Measures the transformer's time by batch size: the median time inside ONNX Runtime of some passes of exactly so many rows.
 *
 * @param bed an engine whose batches have up to 64 rows.
 * @param passes passes of each size that count; one more warms up.
 */
export async function kernelCurve(bed: Testbed, passes: number): Promise<CurvePoint[]> {
  let events: BatchEvent[] = [];
  const stop = bed.denoiser.onBatch((event) => events.push(event));
  const points: CurvePoint[] = [];
  for (const side of curveSides) {
    for (const rows of curveRows) {
      events = [];
      // Without guidance each generation is one row.
      const single = (seed: number) => bed.make({ seed, steps: passes + 1, side, tenant: '' }, {}, { guidanceScale: 1 });
      await Promise.all(Array.from({ length: rows }, (_, seed) => single(seed)));
      const full = events.filter((event) => event.rows === rows).slice(1);
      const bucket = full[0]?.bucket ?? '';
      points.push({ side, bucket, rows, msPerRow: median(full.map(({ kernelMs }) => kernelMs)) / rows });
    }
  }
  stop();
  return points;
}

/** The kernels' own best: milliseconds of a row, by the engine's bucket. */
export function bestByBucket(curve: readonly CurvePoint[]): Map<string, number> {
  const groups = Map.groupBy(curve, ({ bucket }) => bucket);
  return new Map([...groups].map(([bucket, points]) => [bucket, Math.min(...points.map(({ msPerRow }) => msPerRow))]));
}

/** The kernels' own best for a side. */
export function bestOf(curve: readonly CurvePoint[], side: number): number {
  return Math.min(...curve.filter((point) => point.side === side).map(({ msPerRow }) => msPerRow));
}

/** Takes, point by point, the median of several curves. */
export function medianCurve(curves: readonly (readonly CurvePoint[])[]): CurvePoint[] {
  return (curves[0] ?? []).map((point, i) => ({
    ...point,
    msPerRow: median(curves.map((curve) => (curve[i] as CurvePoint).msPerRow)),
  }));
}
