import { createScheduler } from '@darkroom/flow-matching';
import { gaussianNoise, type NamedTensors, tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import { StepBatch, type Transformer } from './step-batch.js';
import { Trajectory, type TrajectoryOptions } from './trajectory.js';

const scheduler = createScheduler({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 2.5 });
const shape = [1, 2, 2, 3];

/** Conditioning whose one number says which way the analytic transformer pulls. */
const pull = (strength: number): NamedTensors => ({ pull: tensor('float32', [1, 1], Float32Array.of(strength)) });

/** A transformer whose velocity is known: 0.3 x + pull * timestep / 1000, each row from its own inputs alone. */
const analytic: Transformer = async ({ latents, timesteps, conditioning }) => {
  const size = latents.data.length / timesteps.data.length;
  const velocities = latents.data.map(
    (x, i) =>
      0.3 * x + (Number(conditioning.pull?.data[Math.floor(i / size)]) * (timesteps.data[Math.floor(i / size)] ?? 0)) / 1000,
  );
  return { velocities: tensor('float32', latents.shape, velocities), kernelMs: 1 };
};

const scheduleOf = (steps: number) => scheduler.schedule({ steps, imageTokens: 6 });

type Options = TrajectoryOptions & { readonly steps: number };

const options = (overrides: Partial<Options> = {}): Options => ({
  seed: 7,
  steps: 5,
  guidanceScale: 4,
  conditioning: pull(1),
  negativeConditioning: pull(-0.5),
  ...overrides,
});

const trajectoryOf = (each: Options): Trajectory => new Trajectory(scheduler.solver(scheduleOf(each.steps)), shape, each);

/** Steps trajectories together until all are done, making a new batch whenever one leaves. */
async function run(trajectories: readonly Trajectory[], transformer = analytic): Promise<void> {
  for (let active = trajectories; active.length > 0; active = active.filter(({ isDone }) => !isDone)) {
    await new StepBatch(active).advance(transformer);
  }
}

describe('a trajectory', () => {
  it('follows the scheduler and the guidance formula from seeded noise', async () => {
    const trajectory = trajectoryOf(options());
    await run([trajectory]);

    const expected = gaussianNoise(7, shape).data;
    const solver = scheduler.solver(scheduleOf(5));
    while (!solver.isDone) {
      // Guided pull: -0.5 + 4 * (1 - -0.5) = 5.5; the part that depends on x is the same in both rows.
      const velocity = expected.map((x) => 0.3 * x + (5.5 * solver.timestep) / 1000);
      solver.advance(expected, velocity);
    }
    trajectory.latents.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 5);
    });
  });

  it('takes one row without guidance and two with, the negative first', () => {
    expect(trajectoryOf(options({ guidanceScale: 1 })).rows).toEqual([pull(1)]);
    expect(trajectoryOf(options()).rows).toEqual([pull(-0.5), pull(1)]);
  });

  it('refuses guidance without a negative conditioning', () => {
    expect(() => trajectoryOf(options({ negativeConditioning: undefined }))).toThrow(
      expect.objectContaining({ code: 'invalid_argument', param: 'guidance_scale' }),
    );
  });

  it('estimates the clean latents, which at the end are its own', async () => {
    const trajectory = trajectoryOf(options());
    await new StepBatch([trajectory]).advance(analytic);
    expect(trajectory.denoised().data).not.toEqual(trajectory.latents.data);
    await run([trajectory]);
    expect(trajectory.denoised().data).toEqual(trajectory.latents.data);
  });
});

describe('a batch', () => {
  it('gives each trajectory the bits it would have alone, whatever the others are', async () => {
    const mixed = [
      options(),
      options({ seed: 8, steps: 3, guidanceScale: 0 }),
      options({ seed: 9, steps: 8, conditioning: pull(2) }),
    ];
    const together = mixed.map((each) => trajectoryOf(each));
    await run(together);
    for (const [i, each] of mixed.entries()) {
      const alone = trajectoryOf(each);
      await run([alone]);
      expect(together[i]?.latents).toEqual(alone.latents);
    }
  });

  it('feeds each row its own timestep', async () => {
    const seen: number[][] = [];
    const spy: Transformer = (step) => {
      seen.push([...step.timesteps.data]);
      return analytic(step);
    };
    const first = trajectoryOf(options({ steps: 2, guidanceScale: 1 }));
    const second = trajectoryOf(options({ steps: 3, guidanceScale: 1 }));
    await run([first, second], spy);
    const two = scheduleOf(2).timesteps;
    const three = scheduleOf(3).timesteps;
    expect(seen).toEqual([[two[0], three[0]], [two[1], three[1]], [three[2]]]);
  });

  it('refuses rows whose conditioning does not stack', () => {
    const odd = { pull: tensor('float32', [1, 2], new Float32Array(2)) };
    const trajectory = trajectoryOf(options({ negativeConditioning: odd }));
    expect(() => new StepBatch([trajectory])).toThrow(expect.objectContaining({ param: 'conditioning' }));
  });

  it('refuses a transformer that answers with another shape', async () => {
    const trajectory = trajectoryOf(options());
    const wrong: Transformer = async () => ({ velocities: tensor('float32', [1], new Float32Array(1)), kernelMs: 0 });
    await expect(new StepBatch([trajectory]).advance(wrong)).rejects.toMatchObject({ code: 'model_damaged' });
  });
});
