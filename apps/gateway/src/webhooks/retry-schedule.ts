/** Retries come up to this share later than scheduled, so that those of one outage don't all come at once. */
const JITTER = 0.2;

/**
 * Returns the milliseconds until the next attempt at a delivery; undefined when there is none.
 *
 * @param failures attempts that have failed, at least 1.
 * @param random a number from 0 to 1.
 */
export function retryDelayMs(scheduleSeconds: readonly number[], failures: number, random = Math.random()): number | undefined {
  const seconds = scheduleSeconds[failures - 1];
  return seconds === undefined ? undefined : seconds * 1000 * (1 + JITTER * random);
}
