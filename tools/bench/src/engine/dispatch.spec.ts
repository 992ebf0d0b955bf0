import { describe, expect, it } from 'vitest';
import { type Dispatch, none, requestLevel, stepLevel } from './dispatch.js';
import type { Job } from './workload.js';

/** An engine in which a job ends when the spec says so. */
function stage(dispatch: Dispatch) {
  const running = new Map<number, () => void>();
  const started: number[] = [];
  const ended: number[] = [];
  const computed = new Map<number, number | undefined>();
  const hand = dispatch.over((job, steps) => {
    started.push(job.seed);
    computed.set(job.seed, steps);
    return new Promise((resolve) => running.set(job.seed, resolve));
  });
  return {
    started,
    ended,
    computed,
    arrive: (seed: number, side: number, steps: number) => {
      const job: Job = { seed, side, steps, tenant: '' };
      void hand(job).then(() => ended.push(seed));
    },
    end: async (...seeds: readonly number[]) => {
      for (const seed of seeds) running.get(seed)?.();
      await new Promise(setImmediate);
    },
  };
}

describe('without batching', () => {
  it('one runs to its end before the next, in order of arrival', async () => {
    const { arrive, end, started, ended } = stage(none);
    for (const seed of [1, 2, 3]) arrive(seed, 64, 4);
    expect(started).toEqual([1]);
    await end(1);
    expect(started).toEqual([1, 2]);
    await end(2);
    await end(3);
    expect(ended).toEqual([1, 2, 3]);
  });
});

describe('request-level batching', () => {
  it('starts what waits of one side together, up to the rows, when the batch before has wholly ended', async () => {
    const { arrive, end, started, ended } = stage(requestLevel((side) => (side === 64 ? 4 : 8), false));
    arrive(1, 64, 4);
    arrive(2, 128, 4);
    arrive(3, 64, 8);
    arrive(4, 64, 50);
    arrive(5, 64, 4);
    arrive(6, 128, 20);
    expect(started).toEqual([1]);
    await end(1);
    expect(started).toEqual([1, 2, 6]);
    await end(2);
    expect(ended).toEqual([1, 2]);
    expect(started).toEqual([1, 2, 6]);
    await end(6);
    // Two rows each, so that four rows hold two: the third of that side waits for the next batch.
    expect(started).toEqual([1, 2, 6, 3, 4]);
    await end(3, 4);
    expect(started).toEqual([1, 2, 6, 3, 4, 5]);
  });

  it('computes every row until the longest of the batch has ended', async () => {
    const { arrive, end, computed } = stage(requestLevel(() => 8, false));
    arrive(1, 64, 4);
    arrive(2, 64, 8);
    arrive(3, 64, 50);
    arrive(4, 64, 20);
    await end(1);
    expect([...computed]).toEqual([
      [1, 4],
      [2, 50],
      [3, 50],
      [4, 50],
    ]);
  });

  it('keeps numbers of steps apart where asked to', async () => {
    const { arrive, end, started } = stage(requestLevel(() => 16, true));
    arrive(1, 64, 4);
    arrive(2, 64, 8);
    arrive(3, 64, 4);
    arrive(4, 64, 8);
    await end(1);
    expect(started).toEqual([1, 2, 4]);
    await end(2, 4);
    expect(started).toEqual([1, 2, 4, 3]);
  });

  it('runs one at a time where not even one fits', () => {
    const { arrive, started } = stage(requestLevel(() => 1, false));
    arrive(1, 64, 4);
    expect(started).toEqual([1]);
  });
});

describe('step-level batching', () => {
  it('hands everything to the engine as it arrives', () => {
    const { arrive, started } = stage(stepLevel);
    for (const seed of [1, 2, 3]) arrive(seed, 64, 4);
    expect(started).toEqual([1, 2, 3]);
  });
});
