/** One generation that the benchmark asks for: guided, so two rows of a batch. */
export interface Job {
  readonly seed: number;
  readonly steps: number;
  /** Width and height in pixels. */
  readonly side: number;
  readonly tenant: string;
}

/** A job and when it arrives, in milliseconds from the start. */
export interface Arrival {
  readonly atMs: number;
  readonly job: Job;
}

/** The mix: each number of steps and each side is as likely. */
export const mixSteps: readonly number[] = [4, 8, 20, 50];
export const mixSides: readonly number[] = [64, 128];

/** Rows that a guided generation takes in a batch. */
export const rowsPerJob = 2;

/** Draws jobs of the mix without end; `tenants` are drawn evenly too. */
export function mixedJobs(random: () => number, tenants: readonly string[] = ['']): () => Job {
  const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)] as Value;
  return () => ({
    seed: Math.floor(random() * 2 ** 32),
    steps: pick(mixSteps),
    side: pick(mixSides),
    tenant: pick(tenants),
  });
}

/**
 * Draws a Poisson process: gaps between arrivals are exponentially distributed, -ln(1 - u) / rate.
 *
 * @param perSecond mean arrivals a second.
 * @param durationMs no job arrives later.
 */
export function poissonArrivals(random: () => number, perSecond: number, durationMs: number, draw: () => Job): Arrival[] {
  const arrivals: Arrival[] = [];
  for (let atMs = 0; ; ) {
    atMs += (-Math.log(1 - random()) / perSecond) * 1000;
    if (atMs >= durationMs) return arrivals;
    arrivals.push({ atMs, job: draw() });
  }
}
