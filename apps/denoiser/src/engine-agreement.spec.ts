import { stepsMade } from '@darkroom/contracts';
import { sigmas, solvers } from '@darkroom/contracts/http';
import { endOfSchedule, sigmaSpacings, solverNames } from '@darkroom/flow-matching';
import { describe, expect, it } from 'vitest';

describe('the HTTP API', () => {
  it('takes the solvers and spacings that the engine has, by the same names', () => {
    expect(solvers).toEqual(solverNames);
    expect(sigmas).toEqual(sigmaSpacings);
  });
});

describe('stepsMade', () => {
  it('counts the steps of an edit as the engine makes them', () => {
    for (let steps = 1; steps <= 100; steps++) {
      const schedule = { sigmas: new Float32Array(steps + 1), timesteps: new Float32Array(steps) };
      expect(stepsMade({ steps, strength: 0 })).toBe(steps);
      for (const strength of [Number.MIN_VALUE, 0.01, 0.07, 0.1, 0.29, 1 / 3, 0.5, 0.57, 0.6, 0.7, 0.9, 0.99, 1]) {
        expect(stepsMade({ steps, strength }), `${steps} at ${strength}`).toBe(
          endOfSchedule(schedule, strength).timesteps.length,
        );
      }
    }
  });
});
