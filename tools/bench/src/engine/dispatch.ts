import { type Job, rowsPerJob } from './workload.js';

/**
 * Makes one generation; resolves when its latents are there.
 *
 * @param computed steps that are computed, where a batch goes on for the sake of others: at least the job's own.
 */
export type Make = (job: Job, computed?: number) => Promise<void>;

/** A batching policy of the comparison: how jobs that arrive come to the engine. */
export interface Dispatch {
  readonly name: string;
  /** Takes the engine, and gives what jobs are handed to as they arrive. */
  readonly over: (make: Make) => Make;
}

/** Every job goes to the engine as it arrives, which batches step by step. */
export const stepLevel: Dispatch = { name: 'step-level', over: (make) => make };

/** No batching: one generation after another, each to its end, in the order of arrival. */
export const none: Dispatch = {
  name: 'none',
  over: (make) =>
    inBatches(
      make,
      () => '',
      () => 1,
    ),
};

/**
 * Batches whole requests, as servers do that know no steps: while a batch runs, what arrives waits; when it has ended, the first in line and
 * those of its group that wait, in order of arrival, are the next batch.
 *
 * The jobs of a batch start together and are computed until the longest has ended: rows of those that ended before stay in the batch, empty.
 * Their latents count as delivered at their own last step all the same, which favours the baseline.
 *
 * @param mostRows rows of a batch at most, for a side.
 * @param equalSteps whether jobs share a batch only when they have as many steps, so that no rows are ever empty, but batches are smaller.
 */
export function requestLevel(mostRows: (side: number) => number, equalSteps: boolean): Dispatch {
  const group = ({ side, steps }: Job) => (equalSteps ? `${side} ${steps}` : `${side}`);
  const most = ({ side }: Job) => Math.max(1, Math.floor(mostRows(side) / rowsPerJob));
  return { name: `request-level, ${equalSteps ? 'equal' : 'mixed'} steps`, over: (make) => inBatches(make, group, most) };
}

function inBatches(make: Make, group: (job: Job) => string, most: (job: Job) => number): Make {
  let queue: { readonly job: Job; readonly start: (computed: number) => Promise<void> }[] = [];
  let isRunning = false;
  const run = async () => {
    isRunning = true;
    for (let first = queue[0]; first !== undefined; first = queue[0]) {
      const key = group(first.job);
      const batch = queue.filter(({ job }) => group(job) === key).slice(0, most(first.job));
      queue = queue.filter((waiting) => !batch.includes(waiting));
      const longest = Math.max(...batch.map(({ job }) => job.steps));
      await Promise.allSettled(batch.map(({ start }) => start(longest)));
    }
    isRunning = false;
  };
  return (job) =>
    new Promise((resolve, reject) => {
      const start = (computed: number) => {
        const made = make(job, computed);
        made.then(resolve, reject);
        return made;
      };
      queue.push({ job, start });
      if (!isRunning) void run();
    });
}
