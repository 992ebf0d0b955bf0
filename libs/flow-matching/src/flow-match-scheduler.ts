import type { NoiseSchedule, ScheduleOptions, Scheduler } from './scheduler.js';
import type { SchedulerConfig } from './scheduler-config.js';
import { dynamicShift } from './shifts/dynamic-shift.js';
import { staticShift } from './shifts/static-shift.js';
import { stretchToTerminal } from './shifts/terminal-shift.js';
import type { Solver } from './solver.js';
import { createSolver, solverClassName } from './solvers/solver-registry.js';
import { evenSigmas } from './spacings/even-sigmas.js';
import { respace, type SigmaSpacing } from './spacings/spacing-registry.js';

/**
 * The schedules of diffusers' flow-matching schedulers, each with any solver.
 *
 * Levels are spaced evenly, shifted to noise, stretched to the terminal level and respaced, in diffusers' order; each is optional.
 * Doubles are rounded to float32 where diffusers' tensors are, so that the sigmas agree to float precision.
 */
export class FlowMatchScheduler implements Scheduler {
  readonly config: SchedulerConfig;

  constructor(config: SchedulerConfig) {
    this.config = config;
  }

  get name(): string {
    return solverClassName(this.config.solver);
  }

  get shift(): number {
    return this.config.shift;
  }

  get spacing(): SigmaSpacing {
    return this.config.spacing;
  }

  schedule({ steps, imageTokens }: ScheduleOptions): NoiseSchedule {
    if (!Number.isSafeInteger(steps) || steps < 1) {
      throw new RangeError(`steps must be a whole number of at least 1, not ${steps}`);
    }
    if (!(Number.isFinite(imageTokens) && imageTokens > 0)) {
      throw new RangeError(`imageTokens must be a number above 0, not ${imageTokens}`);
    }
    const { numTrainTimesteps, spacing, shiftTerminal, wholeTimesteps } = this.config;
    const shifted = this.#evenLevels(steps).map((sigma) => this.#shift(sigma, imageTokens));
    const stretched = shiftTerminal === undefined ? shifted : stretchToTerminal(shifted, shiftTerminal);
    const levels = respace(stretched, spacing);
    return {
      sigmas: Float32Array.of(...levels, 0),
      timesteps: Float32Array.from(levels, (sigma) =>
        wholeTimesteps ? Math.trunc(sigma * numTrainTimesteps) : Math.fround(sigma) * numTrainTimesteps,
      ),
    };
  }

  solver(schedule: NoiseSchedule): Solver {
    return createSolver(this.config.solver, schedule);
  }

  /** The levels before the shift, evenly spaced: doubles [steps]. */
  #evenLevels(steps: number): readonly number[] {
    const { numTrainTimesteps, evenLevels } = this.config;
    if (evenLevels === 'down-to-zero') {
      // One level more than steps, of which the last, 0, is the clean image; written as diffusers' linspace of 1 - sigma is.
      const step = (1 / numTrainTimesteps - 1) / steps;
      return Array.from({ length: steps }, (_, i) => 1 - (i === 0 ? 1 / numTrainTimesteps : (steps - i) * step + 1));
    }
    const largest = Math.fround(this.#shiftedLevel(1));
    const smallest = Math.fround(this.#shiftedLevel(Math.fround(1 / numTrainTimesteps)));
    return evenSigmas(steps, largest, smallest);
  }

  /** diffusers takes the ends from *statically shifted* training levels, which are then shifted once more. */
  #shiftedLevel(sigma: number): number {
    return this.config.dynamicShift ? sigma : staticShift(sigma, this.config.shift);
  }

  #shift(sigma: number, imageTokens: number): number {
    const { shift, dynamicShift: dynamic } = this.config;
    return dynamic ? dynamicShift(sigma, imageTokens, dynamic) : staticShift(sigma, shift);
  }
}
