/** The noise levels one generation goes through. */
export interface NoiseSchedule {
  /** float32 [steps + 1]: 1 is pure noise; falling, and the last is 0, the clean image. */
  readonly sigmas: Float32Array;
  /** float32 [steps]: what the transformer is told at each step, sigma * numTrainTimesteps. */
  readonly timesteps: Float32Array;
}

/** Says which noise levels a generation goes through, and how a sample gets from one to the next. */
export interface Scheduler {
  /** The name receipts and model folders know it by. */
  readonly name: string;
  /** How far sigmas lean to noise, for receipts. */
  readonly shift: number;
  /**
   * Spaces a number of steps over the noise levels the model was trained on.
   *
   * @throws RangeError when steps is not a whole number of at least 1.
   */
  schedule(steps: number): NoiseSchedule;
  /**
   * Moves a sample from one noise level to the next, in place.
   *
   * @param sample float32, any shape; overwritten by the sample at sigmaNext.
   * @param velocity float32 of the same shape, the transformer's prediction at sigma.
   */
  step(sample: Float32Array, velocity: Float32Array, sigma: number, sigmaNext: number): void;
  /**
   * Estimates the clean image from a noisy sample: where its path would end if it went on straight.
   *
   * @param sample float32, any shape, at noise level sigma.
   * @param velocity float32 of the same shape, the transformer's prediction.
   * @returns float32 of the same shape.
   */
  denoised(sample: Float32Array, velocity: Float32Array, sigma: number): Float32Array;
}
