import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.js';
import { mean } from './statistics.js';
import { mixedJobs, mixSides, mixSteps, poissonArrivals } from './workload.js';

const draw = (seed: number, perSecond: number, durationMs: number) => {
  const random = seededRandom(seed);
  return poissonArrivals(random, perSecond, durationMs, mixedJobs(random));
};

describe('Poisson arrivals', () => {
  const arrivals = draw(1, 50, 400_000);
  const gaps = arrivals.map(({ atMs }, i) => atMs - (arrivals[i - 1]?.atMs ?? 0));

  it('come at the asked rate: 20,000 expected, with a deviation of 141', () => {
    expect(Math.abs(arrivals.length - 20_000)).toBeLessThan(4 * 141);
  });

  it('have exponential gaps: deviation as large as the mean, and exp(-1) of them longer than it', () => {
    const middle = mean(gaps);
    const deviation = Math.sqrt(mean(gaps.map((gap) => (gap - middle) ** 2)));
    expect(middle).toBeCloseTo(20, 0);
    expect(deviation / middle).toBeCloseTo(1, 1);
    expect(gaps.filter((gap) => gap > middle).length / gaps.length).toBeCloseTo(Math.exp(-1), 1);
  });

  it('are in order, within the duration, and the same for the same seed alone', () => {
    expect(gaps.every((gap) => gap > 0)).toBe(true);
    expect(arrivals.at(-1)?.atMs).toBeLessThan(400_000);
    expect(draw(2, 10, 5_000)).toEqual(draw(2, 10, 5_000));
    expect(draw(2, 10, 5_000)).not.toEqual(draw(3, 10, 5_000));
  });
});

describe('the mix', () => {
  it('holds each number of steps, side and tenant about as often', () => {
    const next = mixedJobs(seededRandom(4), ['a', 'b', 'c']);
    const jobs = Array.from({ length: 12_000 }, next);
    const counts = (of: (job: (typeof jobs)[number]) => number | string) =>
      [...Map.groupBy(jobs, of).values()].map((group) => group.length / jobs.length);
    for (const [shares, kinds] of [
      [counts(({ steps }) => steps), mixSteps.length],
      [counts(({ side }) => side), mixSides.length],
      [counts(({ tenant }) => tenant), 3],
    ] as const) {
      expect(shares).toHaveLength(kinds);
      for (const share of shares) expect(share).toBeCloseTo(1 / kinds, 1);
    }
  });
});
