import { describe, expect, it } from 'vitest';
import golden from '../golden/flow-match-euler.json' with { type: 'json' };
import { classifierFreeGuidance } from './classifier-free-guidance.js';
import { FlowMatchEulerDiscreteScheduler } from './flow-match-euler-discrete-scheduler.js';

const scheduler = (shift: number) => new FlowMatchEulerDiscreteScheduler({ numTrainTimesteps: 1000, shift });

/** Asserts that two lists agree to 1e-6 of the golden value's size, or absolutely below 1. */
function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs((actual[i] as number) - value)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
  });
}

describe('schedule', () => {
  it.each(golden.sigmas)('gives the golden $steps sigmas for shift $shift', ({ steps, shift, ...expected }) => {
    const { sigmas, timesteps } = scheduler(shift).schedule(steps);
    expectClose(sigmas, expected.sigmas);
    expectClose(timesteps, expected.timesteps);
  });

  it('starts at pure noise, falls at each step, and ends at the clean image', () => {
    const { sigmas } = scheduler(3).schedule(50);
    expect(sigmas[0]).toBe(1);
    expect(sigmas[50]).toBe(0);
    expect([...sigmas]).toEqual([...sigmas].sort((a, b) => b - a));
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %s steps', (steps) => {
    expect(() => scheduler(1).schedule(steps)).toThrow(RangeError);
  });
});

describe('step', () => {
  const field = ([a = 0, b = 0, c = 0]: readonly number[], x: Float32Array, sigma: number) =>
    x.map((value) => a * value + b * sigma + c);

  it.each(golden.trajectories)('follows the golden three-step trajectories for shift $shift', (expected) => {
    const { sigmas } = scheduler(expected.shift).schedule(3);
    const plain = Float32Array.from(expected.start);
    const guided = Float32Array.from(expected.start);
    for (let i = 0; i < 3; i++) {
      const sigma = sigmas[i] as number;
      const next = sigmas[i + 1] as number;
      scheduler(expected.shift).step(plain, field(expected.cond, plain, sigma), sigma, next);
      expectClose(plain, expected.plain[i] as number[]);

      const velocity = new Float32Array(guided.length);
      const uncond = field(expected.uncond, guided, sigma);
      classifierFreeGuidance(uncond, field(expected.cond, guided, sigma), expected.scale, velocity);
      scheduler(expected.shift).step(guided, velocity, sigma, next);
      expectClose(guided, expected.guided[i] as number[]);
    }
  });

  it('lands exactly on the data when the velocity is noise - data, in any number of steps', () => {
    const data = Float32Array.of(0.25, -1, 3);
    const noise = Float32Array.of(1, 0.5, -2);
    const velocity = noise.map((value, i) => value - (data[i] as number));
    for (const steps of [1, 7, 20]) {
      const sample = noise.slice();
      const { sigmas } = scheduler(3).schedule(steps);
      for (let i = 0; i < steps; i++) {
        scheduler(3).step(sample, velocity, sigmas[i] as number, sigmas[i + 1] as number);
      }
      expectClose(sample, [...data]);
    }
  });
});

describe('denoised', () => {
  it('undoes the mixing of data and noise', () => {
    const data = [0.25, -1, 3];
    const noise = [1, 0.5, -2];
    const sigma = 0.7;
    const sample = Float32Array.from(data, (value, i) => (1 - sigma) * value + sigma * (noise[i] as number));
    const velocity = Float32Array.from(data, (value, i) => (noise[i] as number) - value);
    expectClose(scheduler(1).denoised(sample, velocity, sigma), data);
  });
});
