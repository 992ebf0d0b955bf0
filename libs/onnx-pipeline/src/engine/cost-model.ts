import type { PassCosts } from './policy.js';

/** One measured point: what a pass of so many rows costs. */
export interface MeasuredPass {
  readonly bucket: string;
  /** Width times height of the bucket's images. */
  readonly pixels: number;
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
  readonly pixels: number;
  /** By rows, ascending. */
  readonly passes: Map<number, MeasuredPass>;
  /** Passes made in all, and how many there were when one of so many rows was made last. */
  made: number;
  readonly madeAt: Map<number, number>;
}

/** Row counts that are tried before a best one is chosen, as long as more rows gain something. */
export const trialRows: readonly number[] = [1, 2, 4, 8, 16, 32, 64];

/** Passes of as many rows that are made before more are tried. */
const trialPasses = 3;

/** Milliseconds that a pass may take to be tried: whoever joins or cancels waits for one. */
const longestTrialMs = 500;

/** Throughput within this of the best is as good: fewer rows make shorter passes, and so joining, cancelling and pausing quicker. */
const tolerance = 0.03;

/** Weight of a new measurement once there are many, so that a machine that becomes slower is noticed within some passes. */
const newestWeight = 1 / 16;

/**
 * Passes of a bucket after which a larger batch is made once more: one that was measured while the machine had other work must not be
 * avoided for ever.
 */
const staleAfterPasses = 256;

/** Weight of a measurement after so long. */
const afterStaleWeight = 1 / 2;

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

  /** Makes a bucket known, with the number of elements of one row's latents and of pixels of its images. */
  open(bucket: string, elements: number, pixels: number): void {
    if (!this.#buckets.has(bucket)) {
      this.#buckets.set(bucket, { elements, pixels, passes: new Map(), made: 0, madeAt: new Map() });
    }
  }

  /** Tells whether a pass of so many rows has ever been made, and so whether its memory is known. */
  isMeasured(bucket: string, rows: number): boolean {
    return this.#buckets.get(bucket)?.passes.has(rows) ?? false;
  }

  /**
   * Takes in a pass that was made. The first of so many rows allocates, so the time of the second stands in its place.
   *
   * @param bytes by how much the process grew; counts at the first pass of so many rows.
   */
  record(bucket: string, rows: number, passMs: number, bytes = 0): void {
    const entry = this.#buckets.get(bucket) as Bucket;
    const { passes, madeAt } = entry;
    const known = passes.get(rows);
    const isStale = this.#isStale(entry, rows);
    entry.made += 1;
    madeAt.set(rows, entry.made);
    if (known) {
      const weight = Math.max(1 / known.passes, isStale ? afterStaleWeight : newestWeight);
      passes.set(rows, { ...known, passMs: known.passMs + weight * (passMs - known.passMs), passes: known.passes + 1 });
      return;
    }
    passes.set(rows, { bucket, pixels: entry.pixels, rows, passMs, bytes: Math.max(0, bytes), passes: 1 });
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
   * While larger batches have not been tried and might gain, it offers them one after another, so that load itself measures them; and
   * from time to time the next larger one again.
   */
  bestRows(bucket: string): number {
    const entry = this.#buckets.get(bucket) as Bucket;
    const fixed = this.#batchRows;
    if (fixed !== undefined && this.allows(bucket, fixed)) return fixed;
    const measured = [...entry.passes.values()];
    const untried = this.#nextTrial(bucket, measured);
    if (untried !== undefined) return untried;
    // Fewer rows than load ever brings, such as one where all are guided, keep a time from when the machine was perhaps quicker.
    const least = measured.find(({ rows }) => !this.#isStale(entry, rows))?.rows ?? 1;
    const allowed = measured.filter(({ rows }) => rows >= least && this.allows(bucket, rows));
    const best = Math.min(...allowed.map(({ rows, passMs }) => passMs / rows));
    const chosen = allowed.findIndex(({ rows, passMs }) => passMs / rows <= best * (1 + tolerance));
    const larger = allowed.slice(chosen + 1).find(({ rows }) => trialRows.includes(rows));
    const retries = larger !== undefined && larger.passMs <= longestTrialMs && this.#isStale(entry, larger.rows);
    return (retries ? larger : allowed[chosen])?.rows ?? 1;
  }

  #isStale({ made, madeAt }: Bucket, rows: number): boolean {
    return made - (madeAt.get(rows) ?? made) >= staleAfterPasses;
  }

  /** Names the rows to try next; none when it is known that more don't gain anything, or would take too long. */
  #nextTrial(bucket: string, measured: readonly MeasuredPass[]): number | undefined {
    const last = measured.at(-1);
    const untried = trialRows.find((rows) => {
      const isTried = rows < (last?.rows ?? 0) || (rows === last?.rows && last.passes >= trialPasses);
      return !isTried && this.allows(bucket, rows);
    });
    if (untried === undefined || last === undefined || untried === last.rows) return untried;
    const gains = measured.slice(0, -1).every(({ rows, passMs }) => last.passMs / last.rows < passMs / rows);
    return gains && this.passMs(bucket, untried) <= longestTrialMs ? untried : undefined;
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
