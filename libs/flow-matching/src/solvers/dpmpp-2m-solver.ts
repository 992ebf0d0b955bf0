import { ScheduleSolver } from './schedule-solver.js';

/**
 * DPM-Solver++(2M) for flow matching: second order with one pass a step, by remembering the step before.
 *
 * Lu et al., "DPM-Solver++: Fast Solver for Guided Sampling of Diffusion Probabilistic Models", arXiv 2211.01095, algorithm 2:
 * with alpha = 1 - sigma, lambda = ln(alpha / sigma), h the step in lambda and m = x - sigma * velocity the estimated data,
 *
 *     x' = sigma' / sigma * x - alpha' (e^-h - 1) (m + (m - m_before) h / (2 h_before))
 *
 * As in diffusers' DPMSolverMultistepScheduler (`dpmsolver++`, midpoint, order 2, `flow_prediction`, final sigma zero), the first
 * and the last step are of first order: before the first nothing is known, and in the last h is infinite.
 */
export class Dpmpp2mSolver extends ScheduleSolver {
  protected override remembered(): readonly string[] {
    return this.pass > 0 && !this.isDone ? ['denoised'] : [];
  }

  protected move(sample: Float32Array, velocity: Float32Array): void {
    const { sigmas } = this.schedule;
    const [sigma, sigmaNext] = sigmas.subarray(this.level) as unknown as [number, number];
    const keep = sigmaNext / sigma;
    // -alpha' (e^-h - 1), written so that it stays finite where lambda is not: at sigma 1 and at sigma 0.
    const gain = 1 - sigmaNext - (1 - sigma) * keep;
    const trend = gain * this.#halfStepRatio();
    const before = this.buffer('denoised', sample.length);
    for (let i = 0; i < sample.length; i++) {
      const x = sample[i] as number;
      const data = Math.fround(x - sigma * (velocity[i] as number));
      sample[i] = keep * x + gain * data + trend * (data - (before[i] as number));
      before[i] = data;
    }
  }

  /** h / (2 h_before); 0 where the step is of first order. */
  #halfStepRatio(): number {
    if (this.pass === 0 || this.pass === this.passes - 1) {
      return 0;
    }
    const [before, now, next] = [-1, 0, 1].map((offset) => halfLogSnr(this.schedule.sigmas[this.level + offset] as number));
    const stepBefore = (now as number) - (before as number);
    // Shifts far beyond use round neighbouring sigmas to the same number, between which there is no trend.
    return stepBefore > 0 ? ((next as number) - (now as number)) / (2 * stepBefore) : 0;
  }
}

/** lambda = ln(alpha / sigma), half the logarithm of the signal-to-noise ratio. */
function halfLogSnr(sigma: number): number {
  return Math.log((1 - sigma) / sigma);
}
