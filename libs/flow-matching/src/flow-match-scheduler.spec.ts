import { describe, expect, it } from 'vitest';
import euler from '../golden/euler.json' with { type: 'json' };
import golden from '../golden/schedules.json' with { type: 'json' };
import { expectClose } from './expect-close.fixture.js';
import { createScheduler } from './scheduler-registry.js';
import { solverNames } from './solvers/solver-registry.js';
import { sigmaSpacings } from './spacings/spacing-registry.js';

const shifted = (shift: number) => ({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift });
const multistep = { _class_name: 'DPMSolverMultistepScheduler', prediction_type: 'flow_prediction', use_flow_sigmas: true };
const imageTokens = 256;

describe('schedule', () => {
  it.each(euler.sigmas)('gives the golden $steps sigmas for shift $shift', ({ steps, shift, ...expected }) => {
    for (const _class_name of ['FlowMatchEulerDiscreteScheduler', 'FlowMatchHeunDiscreteScheduler']) {
      const { sigmas, timesteps } = createScheduler({ _class_name, shift }).schedule({ steps, imageTokens });
      expectClose(sigmas, expected.sigmas);
      expectClose(timesteps, expected.timesteps);
    }
  });

  it.each(golden)(
    'gives the golden $steps sigmas at $imageTokens tokens for $config',
    ({ config, sigmas, timesteps, ...options }) => {
      const schedule = createScheduler(config).schedule(options);
      expectClose(schedule.sigmas, sigmas);
      expectClose(schedule.timesteps, timesteps);
    },
  );

  it('tells the transformer of the multistep scheduler whole timesteps', () => {
    const { timesteps } = createScheduler({ ...multistep, flow_shift: 3 }).schedule({ steps: 20, imageTokens });
    expect([...timesteps]).toEqual(golden.find(({ steps, config }) => steps === 20 && config.flow_shift === 3)?.timesteps);
    expect([...timesteps].every(Number.isInteger)).toBe(true);
  });

  it.each(sigmaSpacings)('starts at pure noise, falls at each step and ends at the clean image, spaced %s', (spacing) => {
    const { sigmas } = createScheduler(shifted(3), { spacing }).schedule({ steps: 50, imageTokens });
    expect(sigmas[0]).toBeCloseTo(1, 6);
    expect(sigmas[50]).toBe(0);
    expect([...sigmas]).toEqual([...new Set(sigmas)].sort((a, b) => b - a));
  });

  it('keeps the ends of the model when a spacing is asked for', () => {
    const own = createScheduler(shifted(2.5)).schedule({ steps: 8, imageTokens }).sigmas;
    for (const spacing of sigmaSpacings) {
      const { sigmas } = createScheduler(shifted(2.5), { spacing }).schedule({ steps: 8, imageTokens });
      expect(sigmas[0]).toBeCloseTo(own[0] as number, 6);
      expect(sigmas[7]).toBeCloseTo(own[7] as number, 6);
    }
  });

  it('ends at the terminal level, but leaves a single step at pure noise', () => {
    const turbo = createScheduler({ ...shifted(2.5), shift_terminal: 0.25 });
    expect(turbo.schedule({ steps: 4, imageTokens }).sigmas.slice(3)).toEqual(Float32Array.of(0.25, 0));
    expect(turbo.schedule({ steps: 1, imageTokens }).sigmas).toEqual(Float32Array.of(1, 0));
  });

  it('leans the further to noise the larger the image, as FLUX.1 does', () => {
    const flux = createScheduler({ ...shifted(3), use_dynamic_shifting: true });
    const middle = (tokens: number) => flux.schedule({ steps: 3, imageTokens: tokens }).sigmas[1] as number;
    // At 4096 tokens mu is max_shift, 1.15, and the middle level is (1 + 0.001) / 2: e^1.15 / (e^1.15 + 1 / 0.5005 - 1).
    expect(middle(4096)).toBeCloseTo(0.759876, 6);
    expect(middle(256)).toBeLessThan(middle(1024));
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %s steps', (steps) => {
    expect(() => createScheduler(shifted(1)).schedule({ steps, imageTokens })).toThrow(/^steps/);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses an image of %s tokens', (tokens) => {
    expect(() => createScheduler(shifted(1)).schedule({ steps: 1, imageTokens: tokens })).toThrow(/^imageTokens/);
  });
});

describe('solver', () => {
  it.each(solverNames)('begins %s at the first level of the schedule', (solver) => {
    const scheduler = createScheduler(shifted(2.5), { solver });
    const schedule = scheduler.schedule({ steps: 4, imageTokens });
    expect(scheduler.solver(schedule)).toMatchObject({ steps: 4, step: 0, pass: 0, isDone: false, sigma: 1, timestep: 1000 });
  });
});
