/** Row counts that are tried: few, so that a runtime sees few shapes. */
export const trialRows: readonly number[] = [1, 2, 4, 8];

/** Measured passes before a row count is judged. The very first is left out: the runtime allocates, and may choose its kernels, in it. */
const judgedAfter = 3;

/** What is known of passes of one shape and row count. */
interface MeasuredPasses {
  readonly passes: number;
  /** The shortest, which other work on the machine disturbed least. */
  readonly passMs: number;
}

/**
 * What runs of a graph cost by shape and rows, as measured, and how many rows are worth sharing a run.
 *
 * Sharing pays when a run of n rows takes at most as long as (n + 1) / 2 single ones: that is how long n requests wait on average when
 * they run one after another, so nobody waits longer on average, and the device is done earlier.
 */
export class RowCosts {
  readonly #measured = new Map<string, MeasuredPasses>();

  /** Takes in a run that was made. */
  record(shape: string, rows: number, passMs: number): void {
    const { passes, passMs: best } = this.#of(shape, rows);
    this.#measured.set(`${shape}|${rows}`, { passes: passes + 1, passMs: passes === 0 ? best : Math.min(best, passMs) });
  }

  /**
   * Chooses the rows of the next run: the most that pay, or a count that has to be measured yet.
   *
   * @param most rows that wait and fit into memory, at least 1.
   */
  rows(shape: string, most: number): number {
    const { passMs: single } = this.#of(shape, 1);
    let best = 1;
    for (const rows of trialRows.filter((count) => count <= most)) {
      const { passes, passMs } = this.#of(shape, rows);
      if (passes < judgedAfter) return rows;
      if (rows > 1 && passMs > (single * (rows + 1)) / 2) break;
      best = rows;
    }
    return best;
  }

  #of(shape: string, rows: number): MeasuredPasses {
    return this.#measured.get(`${shape}|${rows}`) ?? { passes: 0, passMs: Number.POSITIVE_INFINITY };
  }
}
