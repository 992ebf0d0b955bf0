import { ScheduleSolver } from './schedule-solver.js';

/**
 * Euler's method along the straight paths of flow matching: first order, one pass a step.
 *
 * A sample at noise level sigma is x = (1 - sigma) * data + sigma * noise (rectified flow: Liu, Gong and Liu, arXiv 2209.03003).
 * The transformer predicts the velocity dx/dsigma = noise - data, so a step is x + (sigma_next - sigma) * velocity, as in
 * diffusers' FlowMatchEulerDiscreteScheduler.
 */
export class EulerSolver extends ScheduleSolver {
  protected move(sample: Float32Array, velocity: Float32Array): void {
    const [sigma, sigmaNext] = this.schedule.sigmas.subarray(this.level) as unknown as [number, number];
    const delta = Math.fround(sigmaNext - sigma);
    for (let i = 0; i < sample.length; i++) {
      sample[i] = (sample[i] as number) + delta * (velocity[i] as number);
    }
  }
}
