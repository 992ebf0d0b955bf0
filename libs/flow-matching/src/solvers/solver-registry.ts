import type { NoiseSchedule } from '../scheduler.js';
import type { Solver } from '../solver.js';
import { Dpmpp2mSolver } from './dpmpp-2m-solver.js';
import { EulerSolver } from './euler-solver.js';
import { HeunSolver } from './heun-solver.js';

/** Every solver by the name requests use, with diffusers' class name: a new one is a file beside these and a line here. */
const solvers = {
  euler: { className: 'FlowMatchEulerDiscreteScheduler', create: (schedule: NoiseSchedule): Solver => new EulerSolver(schedule) },
  heun: { className: 'FlowMatchHeunDiscreteScheduler', create: (schedule: NoiseSchedule): Solver => new HeunSolver(schedule) },
  dpmpp_2m: {
    className: 'DPMSolverMultistepScheduler',
    create: (schedule: NoiseSchedule): Solver => new Dpmpp2mSolver(schedule),
  },
} as const;

/** A solver's name, as requests use it. */
export type SolverName = keyof typeof solvers;

/** The names of all solvers. */
export const solverNames = Object.keys(solvers) as readonly SolverName[];

/** Makes a solver at the start of a schedule. */
export function createSolver(name: SolverName, schedule: NoiseSchedule): Solver {
  return solvers[name].create(schedule);
}

/** Returns the name of diffusers' class for a solver. */
export function solverClassName(name: SolverName): string {
  return solvers[name].className;
}
