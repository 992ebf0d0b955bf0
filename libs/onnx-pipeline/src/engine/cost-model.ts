import type { PassCosts } from './policy.js';

/** One measured point: what a pass of so many rows costs. */
export interface MeasuredPass {
  readonly bucket: string;
  readonly rows: number;
  /** Mean milliseconds inside the kernels; the last few passes count most. */
  readonly passMs: number;
  /** Bytes by which the process had grown when the pass was first made; 0 when it fitted into what there was. */
  readonly bytes: number;
  /** How many passes were measured. */
  readonly passes: number;
}

/** Limits of the cost model. */
export interface CostModelOptions {
  /** Bytes that activations may take; unlimited when absent. */
  readonly memoryLimitBytes?: number | undefined;
  /** A fixed answer instead of the best number of rows, still within the memory limit. */
  readonly batchRows?: number | undefined;
}

/** A bucket as the cost model knows it. */
interface Bucket {
  /** Elements of one row's latents. */
  readonly elements: number;
  /** By rows, ascending. */
  readonly passes: Map<number, MeasuredPass>;
}

/** Row counts that are tried before a best one is chosen. */
export const trialRows: readonly number[] = [1, 2, 4, 8];

/** Throughput within this of the best is as good: fewer rows make shorter passes, and so joining, cancelling and pausing quicker. */
const tolerance = 0.03;

/** Weight of a new measurement once there are many, so that a machine that becomes slower is noticed within some passes. */
const newestWeight = 1 / 16;

/**
 * What a pass of the transformer costs by bucket and rows, as measured: at warm-up, and then with every pass.
 *
 * Between measured row counts, times are interpolated; beyond the last, they go on in proportion. A bucket that has never
 * run is taken for the one nearest in size, scaled by its elements.
 */
export class CostModel implements PassCosts {
  readonly #memoryLimit: number;
  readonly #batchRows: number | undefined;
  readonly #buckets = new Map<string, Bucket>();

  constructor({ memoryLimitBytes = Number.POSITIVE_INFINITY, batchRows }: CostModelOptions = {}) {
    this.#batchRows = batchRows;
    this.#memoryLimit = memoryLimitBytes;
  }

  /** All measured points, by bucket and rows. */
  get table(): MeasuredPass[] {
    return [...this.#buckets.values()].flatMap(({ passes }) => [...passes.values()]);
  }

  /** Makes a bucket known, with the number of elements of one row's latents. */
  open(bucket: string, elements: number): void {
    if (!this.#buckets.has(bucket)) {
      this.#buckets.set(bucket, { elements, passes: new Map() });
    }
  }

  /** Tells whether a pass of so many rows has ever been made, and so whether its memory is known. */
  isMeasured(bucket: string, rows: number): boolean {
    return this.#buckets.get(bucket)?.passes.has(rows) ?? false;
  }

  /**
   * Takes in a pass that was made.
   *
   * @param bytes by how much the process grew; counts at the first pass of so many rows.
   */
  record(bucket: string, rows: number, passMs: number, bytes = 0): void {
    const { passes } = this.#buckets.get(bucket) as Bucket;
    const known = passes.get(rows);
    if (known) {
      const weight = Math.max(1 / (known.passes + 1), newestWeight);
      passes.set(rows, { ...known, passMs: known.passMs + weight * (passMs - known.passMs), passes: known.passes + 1 });
      return;
    }
    passes.set(rows, { bucket, rows, passMs, bytes: Math.max(0, bytes), passes: 1 });
    const ascending = [...passes].sort(([a], [b]) => a - b);
    passes.clear();
    for (const [key, value] of ascending) {
      passes.set(key, value);
    }
  }

  passMs(bucket: string, rows: number): number {
    const own = this.#buckets.get(bucket) as Bucket;
    const { elements, passes } = own;
    const nearest = passes.size > 0 ? own : this.#nearestMeasured(elements);
    return nearest === undefined ? 0 : (interpolate([...nearest.passes.values()], rows) * elements) / nearest.elements;
  }

  /**
   * Estimates the bytes that activations take; 0 while nothing has been measured.
   *
   * The runtime's arena keeps what smaller batches took, so the growths of a bucket's passes add up, and a bucket that runs after a
   * larger one grows by nothing: hence the largest of what all buckets' measurements say.
   */
  passBytes(bucket: string, rows: number): number {
    const { elements } = this.#buckets.get(bucket) as Bucket;
    const estimates = [...this.#buckets.values()].map((other) => {
      const measured = [...other.passes.values()];
      const reach = measured.find((pass) => pass.rows >= rows)?.rows ?? measured.at(-1)?.rows ?? 1;
      const grown = measured.filter((pass) => pass.rows <= reach).reduce((sum, { bytes }) => sum + bytes, 0);
      const ratio = elements / other.elements;
      // Attention's scores grow with the square of the image's elements.
      return grown * Math.max(1, rows / reach) * (ratio > 1 ? ratio ** 2 : ratio);
    });
    return Math.max(0, ...estimates);
  }

  /**
   * Chooses the fewest rows whose throughput is as good as the best, within the memory limit; at least 1.
   *
   * While larger batches have not been tried, it offers them one after another, so that load itself measures them.
   */
  bestRows(bucket: string): number {
    const { passes } = this.#buckets.get(bucket) as Bucket;
    const fixed = this.#batchRows;
    if (fixed !== undefined && this.allows(bucket, fixed)) return fixed;
    const measured = [...passes.values()];
    const most = measured.at(-1)?.rows ?? 0;
    const untried = trialRows.find((rows) => rows > most && this.allows(bucket, rows));
    if (untried !== undefined) return untried;
    const allowed = measured.filter(({ rows }) => this.allows(bucket, rows));
    const best = Math.min(...allowed.map(({ rows, passMs }) => passMs / rows));
    return allowed.find(({ rows, passMs }) => passMs / rows <= best * (1 + tolerance))?.rows ?? 1;
  }

  /** Tells whether a pass of so many rows keeps the memory limit; one row must, or nothing could run. */
  allows(bucket: string, rows: number): boolean {
    return rows === 1 || this.passBytes(bucket, rows) <= this.#memoryLimit;
  }

  #nearestMeasured(elements: number): Bucket | undefined {
    const distance = (bucket: Bucket) => Math.abs(Math.log(bucket.elements / elements));
    return [...this.#buckets.values()]
      .filter(({ passes }) => passes.size > 0)
      .reduce<Bucket | undefined>((a, b) => (a !== undefined && distance(a) <= distance(b) ? a : b), undefined);
  }
}

/** Reads a curve of measured times, ascending in rows, at a number of rows. */
function interpolate(curve: readonly MeasuredPass[], rows: number): number {
  const above = curve.find((pass) => pass.rows >= rows);
  const below = curve.findLast((pass) => pass.rows <= rows);
  if (above === undefined || below === undefined) {
    const { rows: nearest, passMs } = (above ?? below) as MeasuredPass;
    return (passMs * rows) / nearest;
  }
  const share = above === below ? 0 : (rows - below.rows) / (above.rows - below.rows);
  return below.passMs + share * (above.passMs - below.passMs);
}
