import type { Solver } from './solver.js';
import type { SigmaSpacing } from './spacings/spacing-registry.js';

/** The noise levels one generation goes through. */
export interface NoiseSchedule {
  /** float32 [steps + 1]: 1 is pure noise; falling, and the last is 0, the clean image. */
  readonly sigmas: Float32Array;
  /** float32 [steps]: what the transformer is told at each of the levels but the last. */
  readonly timesteps: Float32Array;
}

/** What a generation's schedule depends on, besides the model. */
export interface ScheduleOptions {
  /** Noise levels to go through; a whole number of at least 1. */
  readonly steps: number;
  /** Transformer tokens of the image; schedulers with a dynamic shift give larger images more noise. */
  readonly imageTokens: number;
}

/** Says which noise levels a generation goes through, and how a sample gets from one to the next. */
export interface Scheduler {
  /** diffusers' name for its solver's class, for receipts. */
  readonly name: string;
  /** How far sigmas lean to noise whatever the image's size, for receipts. */
  readonly shift: number;
  /** How the levels between the noisiest and the cleanest are spaced, for receipts. */
  readonly spacing: SigmaSpacing;
  /**
   * Spaces a number of steps over the noise levels the model was trained on.
   *
   * @throws RangeError when steps is not a whole number of at least 1, or imageTokens not a number above 0.
   */
  schedule(options: ScheduleOptions): NoiseSchedule;
  /** Makes a fresh solver at the start of a schedule. */
  solver(schedule: NoiseSchedule): Solver;
}
