import { FlowMatchEulerDiscreteScheduler } from '@darkroom/flow-matching';
import { gaussianNoise, type NamedTensors, tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import { StepBatch, type Transformer } from './step-batch.js';
import { Trajectory, type TrajectoryOptions } from './trajectory.js';

const scheduler = new FlowMatchEulerDiscreteScheduler({ numTrainTimesteps: 1000, shift: 2.5 });
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

const options = (overrides: Partial<TrajectoryOptions> = {}): TrajectoryOptions => ({
  seed: 7,
  steps: 5,
  guidanceScale: 4,
  conditioning: pull(1),
  negativeConditioning: pull(-0.5),
  ...overrides,
});

/** Steps trajectories together until all are done, making a new batch whenever one leaves. */
async function run(trajectories: readonly Trajectory[], transformer = analytic): Promise<void> {
  for (let active = trajectories; active.length > 0; active = active.filter(({ isDone }) => !isDone)) {
    await new StepBatch(active).advance(transformer);
  }
}

describe('a trajectory', () => {
  it('follows the scheduler and the guidance formula from seeded noise', async () => {
    const trajectory = new Trajectory(scheduler, shape, options());
    await run([trajectory]);

    const expected = gaussianNoise(7, shape).data;
    const { sigmas, timesteps } = scheduler.schedule(5);
    for (let i = 0; i < 5; i++) {
      // Guided pull: -0.5 + 4 * (1 - -0.5) = 5.5; the part that depends on x is the same in both rows.
      const velocity = expected.map((x) => 0.3 * x + (5.5 * (timesteps[i] as number)) / 1000);
      scheduler.step(expected, velocity, sigmas[i] as number, sigmas[i + 1] as number);
    }
    trajectory.latents.data.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i] as number, 5);
    });
  });

  it('takes one row without guidance and two with, the negative first', () => {
    expect(new Trajectory(scheduler, shape, options({ guidanceScale: 1 })).rows).toEqual([pull(1)]);
    expect(new Trajectory(scheduler, shape, options()).rows).toEqual([pull(-0.5), pull(1)]);
  });

  it('refuses guidance without a negative conditioning', () => {
    expect(() => new Trajectory(scheduler, shape, options({ negativeConditioning: undefined }))).toThrow(
      expect.objectContaining({ code: 'invalid_argument', param: 'guidance_scale' }),
    );
  });

  it('estimates the clean latents, which at the end are its own', async () => {
    const trajectory = new Trajectory(scheduler, shape, options());
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
    const together = mixed.map((each) => new Trajectory(scheduler, shape, each));
    await run(together);
    for (const [i, each] of mixed.entries()) {
      const alone = new Trajectory(scheduler, shape, each);
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
    const first = new Trajectory(scheduler, shape, options({ steps: 2, guidanceScale: 1 }));
    const second = new Trajectory(scheduler, shape, options({ steps: 3, guidanceScale: 1 }));
    await run([first, second], spy);
    const two = scheduler.schedule(2).timesteps;
    const three = scheduler.schedule(3).timesteps;
    expect(seen).toEqual([[two[0], three[0]], [two[1], three[1]], [three[2]]]);
  });

  it('refuses rows whose conditioning does not stack', () => {
    const odd = { pull: tensor('float32', [1, 2], new Float32Array(2)) };
    const trajectory = new Trajectory(scheduler, shape, options({ negativeConditioning: odd }));
    expect(() => new StepBatch([trajectory])).toThrow(expect.objectContaining({ param: 'conditioning' }));
  });

  it('refuses a transformer that answers with another shape', async () => {
    const trajectory = new Trajectory(scheduler, shape, options());
    const wrong: Transformer = async () => ({ velocities: tensor('float32', [1], new Float32Array(1)), kernelMs: 0 });
    await expect(new StepBatch([trajectory]).advance(wrong)).rejects.toMatchObject({ code: 'model_damaged' });
  });
});
