import { createScheduler } from '@darkroom/flow-matching';
import { gaussianNoise, type Tensor, tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import { analyticSplit, pull } from '../engine/analytic-model.fixture.js';
import { cachingTransformer, type SplitTransformer } from './caching-transformer.js';
import { StepBatch } from './step-batch.js';
import { Trajectory, type TrajectoryOptions } from './trajectory.js';

const scheduler = createScheduler({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 2.5 });
const shape = [1, 2, 2, 3];
const scheduleOf = (steps: number) => scheduler.schedule({ steps, imageTokens: 6 });

const trajectoryOf = (steps: number, options: Partial<TrajectoryOptions> = {}): Trajectory =>
  new Trajectory(scheduler.solver(scheduleOf(steps)), shape, {
    seed: 7,
    guidanceScale: 4,
    conditioning: pull(1),
    negativeConditioning: pull(-0.5),
    firstBlockCache: 0.3,
    ...options,
  });

/** Steps trajectories together until all are done; tells which of the first one's passes were reused. */
async function run(trajectories: readonly Trajectory[], split: SplitTransformer = analyticSplit): Promise<boolean[]> {
  const reused: boolean[] = [];
  for (let active = trajectories; active.length > 0; active = active.filter(({ isDone }) => !isDone)) {
    await new StepBatch(active).advance(cachingTransformer(split, active));
    if (active[0] === trajectories[0]) reused.push(trajectories[0]?.cache?.reused as boolean);
  }
  return reused;
}

/** Which steps reuse, by the rule: the analytic first block adds pull * timestep / 1000, so it changes as the timestep does. */
function expectedReuse(steps: number, threshold: number): boolean[] {
  const { timesteps } = scheduleOf(steps);
  let computed = timesteps[0] as number;
  return Array.from({ length: steps }, (_, step) => {
    const now = timesteps[step] as number;
    const reuse = step > 0 && step < steps - 1 && Math.abs(now - computed) / computed < threshold;
    if (!reuse) computed = now;
    return reuse;
  });
}

describe('a caching transformer', () => {
  it.each([0.01, 0.1, 0.3, 1000])('reuses where the first block changed by less than %d', async (threshold) => {
    const expected = expectedReuse(10, threshold);
    expect(await run([trajectoryOf(10, { firstBlockCache: threshold })])).toEqual(expected);
    expect(expected.filter(Boolean).length).toBe({ 0.01: 0, 0.1: 2, 0.3: 5, 1000: 8 }[threshold]);
  });

  it('adds what the remaining blocks added in the last computed step', async () => {
    const steps = 10;
    const trajectory = trajectoryOf(steps, { guidanceScale: 1 });
    await run([trajectory]);

    const expected = gaussianNoise(7, shape).data;
    const solver = scheduler.solver(scheduleOf(steps));
    let remaining: number[] = [];
    for (const reuse of expectedReuse(steps, 0.3)) {
      const after = [...expected].map((x) => 0.3 * x + solver.timestep / 1000);
      remaining = reuse ? remaining : after.map((value) => 0.5 * value);
      solver.advance(
        expected,
        Float32Array.from(after, (value, i) => value + (remaining[i] as number)),
      );
    }
    trajectory.latents.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 4);
    });
  });

  it('gives each trajectory the bits it has alone, and runs the remaining blocks with the rows that need them', async () => {
    const options = [
      { steps: 10 },
      { steps: 6, seed: 8, guidanceScale: 1, firstBlockCache: 0.1 },
      { steps: 8, seed: 9, conditioning: pull(2), firstBlockCache: 0.5 },
    ];
    const seen: number[] = [];
    const spy: SplitTransformer = {
      ...analyticSplit,
      remainingBlocks: (step, hidden) => {
        expect(step.latents.shape[0]).toBe(hidden.shape[0]);
        expect(step.conditioning.pull?.shape[0]).toBe(hidden.shape[0]);
        seen.push(hidden.shape[0] as number);
        return analyticSplit.remainingBlocks(step, hidden);
      },
    };
    const together = options.map(({ steps, ...rest }) => trajectoryOf(steps, rest));
    await run(together, spy);
    for (const [i, { steps, ...rest }] of options.entries()) {
      const alone = trajectoryOf(steps, rest);
      await run([alone]);
      expect(together[i]?.latents).toEqual(alone.latents);
    }
    const rowsNeeded = (step: number) =>
      [2, 1, 2].reduce((sum, rows, i) => {
        const { steps, firstBlockCache = 0.3 } = options[i] as (typeof options)[number];
        return sum + (expectedReuse(steps, firstBlockCache)[step] === false ? rows : 0);
      }, 0);
    expect(seen).toEqual(Array.from({ length: 10 }, (_, step) => rowsNeeded(step)).filter((rows) => rows > 0));
  });

  it('computes the remaining blocks of some rows with the masks of those rows', async () => {
    const masked = (...mask: readonly bigint[]) => ({ ...pull(1), mask: tensor('int64', [1, 2], BigInt64Array.from(mask)) });
    const seen: (Tensor | undefined)[] = [];
    const spy: SplitTransformer = {
      ...analyticSplit,
      remainingBlocks: (step, hidden) => {
        seen.push(step.conditioning.mask);
        return analyticSplit.remainingBlocks(step, hidden);
      },
    };
    const unguided = { guidanceScale: 1, negativeConditioning: undefined };
    const reusing = trajectoryOf(3, { ...unguided, conditioning: masked(1n, 0n), firstBlockCache: 1000 });
    const computing = trajectoryOf(3, { ...unguided, conditioning: masked(1n, 1n), firstBlockCache: 1e-9 });
    await run([reusing, computing], spy);
    expect(seen.map((mask) => mask?.data)).toEqual(
      [
        [1n, 0n, 1n, 1n],
        [1n, 1n],
        [1n, 0n, 1n, 1n],
      ].map((mask) => BigInt64Array.from(mask)),
    );
  });

  it('says how long the kernels took, of all parts that ran', async () => {
    const trajectory = trajectoryOf(3, { firstBlockCache: 1000 });
    const batch = new StepBatch([trajectory]);
    const transformer = cachingTransformer(analyticSplit, [trajectory]);
    expect([await batch.advance(transformer), await batch.advance(transformer)]).toEqual([11.5, 1.5]);
  });

  it('leaves the caches as they were when a part fails', async () => {
    const trajectory = trajectoryOf(5);
    const batch = new StepBatch([trajectory]);
    await batch.advance(cachingTransformer(analyticSplit, [trajectory]));
    const before = trajectory.snapshot();
    const failing = { ...analyticSplit, head: () => Promise.reject(new Error('no memory')) };
    await expect(batch.advance(cachingTransformer(failing, [trajectory]))).rejects.toThrow('no memory');
    expect(trajectory.snapshot()).toEqual(before);
  });

  it('goes on from a snapshot with the same bits', async () => {
    const whole = trajectoryOf(10);
    await run([whole]);
    const first = trajectoryOf(10);
    const batch = new StepBatch([first]);
    for (let step = 0; step < 4; step++) await batch.advance(cachingTransformer(analyticSplit, [first]));
    const second = trajectoryOf(10);
    second.restore(first.snapshot());
    await run([second]);
    expect(second.latents).toEqual(whole.latents);
  });
});
