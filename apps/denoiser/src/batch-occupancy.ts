/** Passes count less the longer they are ago: to a third after so long. */
const MEMORY_MS = 5_000;

/** Longer ago than this, what was is no news. */
const FORGET_MS = 15_000;

/** Follows how full batches were lately: a mean that recent passes weigh most in. */
export class BatchOccupancy {
  private sum = 0;
  private weight = 0;
  private lastMs = Number.NEGATIVE_INFINITY;

  /** Enters a pass of so many rows, of those that would have used the device best. */
  enter(rows: number, bestRows: number, nowMs: number): void {
    const kept = Math.exp(-(nowMs - this.lastMs) / MEMORY_MS);
    this.sum = kept * this.sum + Math.min(1, rows / bestRows);
    this.weight = kept * this.weight + 1;
    this.lastMs = nowMs;
  }

  /** Returns the mean, from 0 to 1; undefined when there was no pass lately. */
  at(nowMs: number): number | undefined {
    return nowMs - this.lastMs > FORGET_MS ? undefined : this.sum / this.weight;
  }
}
