import { describe, expect, it } from 'vitest';
import { addNoise, endOfSchedule } from './forward-process.js';

describe('addNoise', () => {
  const data = Float32Array.of(0.25, -1, 3);
  const noise = Float32Array.of(1, 0.5, -2);

  it('goes from the data to the noise in a straight line', () => {
    // By hand: three quarters of the data and one of the noise, and the other way round.
    expect([...addNoise(data, noise, 0.25, new Float32Array(3))]).toEqual([0.4375, -0.625, 1.75]);
    expect([...addNoise(data, noise, 0.75, new Float32Array(3))]).toEqual([0.8125, 0.125, -0.75]);
  });

  it('is at both ends what it goes between, to the bit', () => {
    expect(addNoise(data, noise, 0, new Float32Array(3))).toEqual(data);
    expect(addNoise(data, noise, 1, new Float32Array(3))).toEqual(noise);
  });

  it('may write over what it reads', () => {
    const sample = data.slice();
    expect(addNoise(sample, noise, 0.25, sample)).toBe(sample);
    expect([...sample]).toEqual([0.4375, -0.625, 1.75]);
  });
});

describe('endOfSchedule', () => {
  const scheduleOf = (steps: number) => ({
    sigmas: Float32Array.from({ length: steps + 1 }, (_, i) => 1 - i / steps),
    timesteps: Float32Array.from({ length: steps }, (_, i) => 1000 - i),
  });

  // Steps left as diffusers 0.35 counts them: num_inference_steps - int(max(n - min(n * strength, n), 0)), worked out in Python.
  it.each([
    [20, 1, 20],
    [20, 0.6, 12],
    [20, 0.1, 2],
    [20, 0.9, 18],
    [20, 0.62, 13],
    [20, 0.001, 1],
    [4, 0.6, 3],
    [4, 0.25, 1],
    [3, 0.1, 1],
    [50, 0.3, 15],
    [28, 0.85, 24],
    [100, 0.07, 7],
    [1, 0.5, 1],
  ])('of %d steps at strength %d is the last %d', (steps, strength, left) => {
    const schedule = scheduleOf(steps);
    const end = endOfSchedule(schedule, strength);
    expect(end.timesteps).toEqual(schedule.timesteps.slice(steps - left));
    expect(end.sigmas).toEqual(schedule.sigmas.slice(steps - left));
  });

  it('has one step at least', () => {
    expect(endOfSchedule(scheduleOf(20), Number.MIN_VALUE).timesteps).toHaveLength(1);
  });

  it.each([0, -0.1, 1.01, Number.NaN])('refuses a strength of %d', (strength) => {
    expect(() => endOfSchedule(scheduleOf(4), strength)).toThrow(RangeError);
  });
});
