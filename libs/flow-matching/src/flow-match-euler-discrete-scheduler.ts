import type { NoiseSchedule, Scheduler } from './scheduler.js';
import type { FlowMatchEulerDiscreteConfig } from './scheduler-config.js';

/**
 * Euler's method along the straight paths of flow matching, with the sigmas of diffusers' scheduler of the same name.
 *
 * A sample at noise level sigma is x = (1 - sigma) * data + sigma * noise (rectified flow: Liu, Gong and Liu, arXiv 2209.03003).
 * The transformer predicts the velocity dx/dsigma = noise - data, so a step is x + (sigma_next - sigma) * velocity. Sigmas are
 * shifted to noise by sigma' = s * sigma / (1 + (s - 1) * sigma) (Esser et al., "Scaling Rectified Flow Transformers", arXiv
 * 2403.03206, equation 23), since larger images need more noise to hide their structure.
 */
export class FlowMatchEulerDiscreteScheduler implements Scheduler {
  readonly name = 'FlowMatchEulerDiscreteScheduler';
  readonly config: FlowMatchEulerDiscreteConfig;

  constructor(config: FlowMatchEulerDiscreteConfig) {
    this.config = config;
  }

  get shift(): number {
    return this.config.shift;
  }

  /**
   * Spaces a number of steps over the noise levels the model was trained on.
   *
   * Like diffusers, the range's ends are the *shifted* largest and smallest training levels, and all levels between are then
   * shifted (the smallest one so a second time). Doubles are rounded to float32 where diffusers' tensors are.
   *
   * @throws RangeError when steps is not a whole number of at least 1.
   */
  schedule(steps: number): NoiseSchedule {
    if (!Number.isSafeInteger(steps) || steps < 1) {
      throw new RangeError(`steps must be a whole number of at least 1, not ${steps}`);
    }
    const { numTrainTimesteps } = this.config;
    const largest = Math.fround(this.#shift(1));
    const smallest = Math.fround(this.#shift(Math.fround(1 / numTrainTimesteps)));

    const sigmas = new Float32Array(steps + 1);
    const timesteps = new Float32Array(steps);
    for (let i = 0; i < steps; i++) {
      const evenlySpaced = steps === 1 ? largest : largest + ((smallest - largest) * i) / (steps - 1);
      sigmas[i] = this.#shift(evenlySpaced);
      timesteps[i] = (sigmas[i] as number) * numTrainTimesteps;
    }
    sigmas[steps] = 0;
    return { sigmas, timesteps };
  }

  /** x + (sigma_next - sigma) * velocity. */
  step(sample: Float32Array, velocity: Float32Array, sigma: number, sigmaNext: number): void {
    const delta = Math.fround(sigmaNext - sigma);
    for (let i = 0; i < sample.length; i++) {
      sample[i] = (sample[i] as number) + delta * (velocity[i] as number);
    }
  }

  /** x - sigma * velocity. */
  denoised(sample: Float32Array, velocity: Float32Array, sigma: number): Float32Array {
    const estimate = new Float32Array(sample.length);
    for (let i = 0; i < sample.length; i++) {
      estimate[i] = (sample[i] as number) - sigma * (velocity[i] as number);
    }
    return estimate;
  }

  #shift(sigma: number): number {
    const { shift } = this.config;
    return (shift * sigma) / (1 + (shift - 1) * sigma);
  }
}
