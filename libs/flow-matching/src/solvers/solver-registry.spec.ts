import { describe, expect, it } from 'vitest';
import golden from '../../golden/solvers.json' with { type: 'json' };
import { expectClose } from '../expect-close.fixture.js';
import { createScheduler } from '../scheduler-registry.js';
import type { Solver } from '../solver.js';
import { createSolver, type SolverName, solverNames } from './solver-registry.js';

const multistep = { _class_name: 'DPMSolverMultistepScheduler', prediction_type: 'flow_prediction', use_flow_sigmas: true };

/** A solver on the levels that fall to 0 in even steps. */
function solverOf(solver: SolverName, steps: number): Solver {
  const scheduler = createScheduler(multistep, { solver });
  return scheduler.solver(scheduler.schedule({ steps, imageTokens: 1 }));
}

/** Lets a solver take its passes with a known velocity until a condition holds. */
function advanceUntil(
  isReached: () => boolean,
  solver: Solver,
  sample: Float32Array,
  velocity: (x: number, sigma: number) => number,
): void {
  while (!isReached()) {
    const { sigma } = solver;
    solver.advance(
      sample,
      sample.map((x) => velocity(x, sigma)),
    );
  }
}

/** Takes a solver and its sample to the end of the schedule. */
function finish(solver: Solver, sample: Float32Array, velocity: (x: number, sigma: number) => number): void {
  advanceUntil(() => solver.isDone, solver, sample, velocity);
}

/** The largest difference between two lists. */
function distance(actual: Float32Array, expected: Float32Array): number {
  return Math.max(...actual.map((value, i) => Math.abs(value - (expected[i] as number))));
}

/**
 * The flow between noise and data from N(m, s^2), known in closed form.
 *
 * At level sigma samples are N((1 - sigma) m, V) with V = ((1 - sigma) s)^2 + sigma^2, and the ideal velocity is
 * E[noise - data | x] = -m + (sigma - (1 - sigma) s^2) / V * (x - (1 - sigma) m). Its paths keep a sample at the same quantile:
 * x = (1 - sigma) m + sqrt(V) z.
 */
const gaussian = {
  m: 0.4,
  s: 0.5,
  variance(sigma: number): number {
    return ((1 - sigma) * this.s) ** 2 + sigma ** 2;
  },
  velocity: (x: number, sigma: number): number => {
    const { m, s } = gaussian;
    return -m + ((sigma - (1 - sigma) * s ** 2) / gaussian.variance(sigma)) * (x - (1 - sigma) * m);
  },
  samples(sigma: number): Float32Array {
    return Float32Array.from([-2, -0.7, 0.3, 1.5], (z) => (1 - sigma) * this.m + Math.sqrt(this.variance(sigma)) * z);
  },
};

describe('each solver', () => {
  it.each(golden)('follows the golden trajectory of $solver $levels', ({ solver: name, sigmas, start, points }) => {
    const timesteps = Float32Array.from(sigmas.slice(0, -1), (sigma) => sigma * 1000);
    const solver = createSolver(name as SolverName, { sigmas: Float32Array.from(sigmas), timesteps });
    const sample = Float32Array.from(start);
    for (const [i, point] of points.entries()) {
      expect(solver.timestep).toBe((sigmas[i] as number) * 1000);
      advanceUntil(
        () => solver.step === i + 1,
        solver,
        sample,
        (x, sigma) => 0.75 * x + 0.5 * sigma - 0.25,
      );
      expectClose(sample, point);
    }
    expect(solver.isDone).toBe(true);
  });

  it.each<[SolverName, number]>([
    ['euler', 1],
    ['heun', 2],
    ['dpmpp_2m', 2],
  ])('converges on Gaussian data: %s, of order %d', (name, order) => {
    // From sigma 0.95 to 0.05 in even steps of lambda, in which DPM-Solver++'s order is stated; the step to 0 is left out.
    const errorWith = (steps: number) => {
      const end = Math.log(19);
      const levels = Array.from({ length: steps + 1 }, (_, i) => 1 / (1 + Math.exp(-end + (2 * end * i) / steps)));
      const schedule = { sigmas: Float32Array.of(...levels, 0), timesteps: new Float32Array(steps + 1) };
      const solver = createSolver(name, schedule);
      const sample = gaussian.samples(solver.sigma);
      advanceUntil(() => solver.step === steps, solver, sample, gaussian.velocity);
      return distance(sample, gaussian.samples(solver.sigma));
    };
    for (const steps of [20, 40]) {
      // An order is a limit: by 20 steps it is reached to a tenth.
      expect(Math.abs(Math.log2(errorWith(steps) / errorWith(2 * steps)) - order)).toBeLessThan(0.1);
    }
  });

  it.each<[SolverName, number]>([
    ['heun', 10],
    ['dpmpp_2m', 20],
  ])('comes closer to Gaussian data than Euler does, in no more passes: %s', (name, steps) => {
    const errorOf = (solver: Solver) => {
      const sample = gaussian.samples(solver.sigma);
      advanceUntil(() => solver.isDone, solver, sample, gaussian.velocity);
      return distance(sample, gaussian.samples(0));
    };
    expect(errorOf(solverOf(name, steps))).toBeLessThan(errorOf(solverOf('euler', 20)) / 2);
  });

  it.each(solverNames)('lands on the data in any number of steps when paths are straight: %s', (name) => {
    const data = [0.25, -1, 3];
    const noise = [1, 0.5, -2];
    const velocity = Float32Array.from(noise, (value, i) => value - (data[i] as number));
    for (const steps of [1, 2, 3, 7, 20]) {
      const solver = solverOf(name, steps);
      const sample = Float32Array.from(noise, (value, i) => (1 - solver.sigma) * (data[i] as number) + solver.sigma * value);
      while (!solver.isDone) {
        expectClose(solver.denoised(sample, velocity), data, 2e-6);
        solver.advance(sample, velocity);
      }
      expectClose(sample, data, 2e-6);
      expect(solver.denoised(sample, velocity)).toEqual(sample);
    }
  });

  it.each<[SolverName, number]>([
    ['euler', 5],
    ['heun', 9],
    ['dpmpp_2m', 5],
  ])('counts its steps and passes: %s makes 5 in %d', (name, passes) => {
    const solver = solverOf(name, 5);
    expect(solver).toMatchObject({ steps: 5, passes, step: 0, pass: 0 });
    for (let pass = 1; pass <= passes; pass++) {
      solver.advance(new Float32Array(1), new Float32Array(1));
      const step = pass === passes ? 5 : Math.floor((pass * 5) / passes);
      expect(solver).toMatchObject({ step, pass, isDone: pass === passes });
    }
    expect(solver).toMatchObject({ sigma: 0, timestep: 0 });
    expect(() => solver.advance(new Float32Array(1), new Float32Array(1))).toThrow(/passes have been made/);
  });

  it.each(solverNames)('goes on with the same bits after any pass, on another machine: %s', (name) => {
    const velocity = (x: number, sigma: number) => Math.sin(3 * x + sigma);
    const noise = Float32Array.of(1, 0.5, -2, 0.1);
    const expected = noise.slice();
    finish(solverOf(name, 6), expected, velocity);

    const solver = solverOf(name, 6);
    const sample = noise.slice();
    for (let pass = 0; pass <= solver.passes; pass++) {
      const [state, resumedSample] = structuredClone([solver.snapshot(), sample]);
      const resumed = solverOf(name, 6);
      resumed.restore(state);
      expect(resumed.snapshot()).toEqual(state);
      finish(resumed, resumedSample, velocity);
      expect(resumedSample).toEqual(expected);
      if (!solver.isDone) {
        const { sigma } = solver;
        solver.advance(
          sample,
          sample.map((x) => velocity(x, sigma)),
        );
      }
    }
  });

  it.each<[string, SolverName, number, Record<string, Float32Array>]>([
    ['a pass beyond the last', 'euler', 5, {}],
    ['a pass below 0', 'euler', -1, {}],
    ['half a pass', 'euler', 0.5, {}],
    ['memory missing', 'heun', 1, { start: new Float32Array(1) }],
    ['memory it has no use for', 'heun', 2, { start: new Float32Array(1), velocity: new Float32Array(1) }],
    ["another solver's memory", 'dpmpp_2m', 1, { start: new Float32Array(1), velocity: new Float32Array(1) }],
  ])('refuses a state with %s and stays where it was', (_, name, pass, memory) => {
    const solver = solverOf(name, 4);
    expect(() => solver.restore({ pass, memory })).toThrow(RangeError);
    expect(solver.pass).toBe(0);
  });

  it("refuses a sample that is not of the memory's size", () => {
    const solver = solverOf('dpmpp_2m', 4);
    solver.restore({ pass: 1, memory: { denoised: new Float32Array(2) } });
    expect(() => solver.advance(new Float32Array(3), new Float32Array(3))).toThrow(/of this sample's size, 3/);
  });
});

describe('Dpmpp2mSolver', () => {
  it('stays finite where a shift far beyond use rounds neighbouring levels to the same', () => {
    const scheduler = createScheduler({ _class_name: 'FlowMatchEulerDiscreteScheduler', shift: 1e9 }, { solver: 'dpmpp_2m' });
    const schedule = scheduler.schedule({ steps: 6, imageTokens: 1 });
    expect(schedule.sigmas[1]).toBe(1);
    const sample = Float32Array.of(1, -1);
    finish(scheduler.solver(schedule), sample, (x, sigma) => x - sigma);
    expect(sample.every(Number.isFinite)).toBe(true);
  });
});
