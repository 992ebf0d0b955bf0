import type { NoiseSchedule } from '../scheduler.js';
import { ScheduleSolver } from './schedule-solver.js';

/**
 * Heun's method (the explicit trapezoidal rule): second order, two passes a step but for the last, which is Euler's.
 *
 * The first pass goes to the next level by Euler's method; the second takes the velocity there, and the step is made anew from
 * its start with the mean of both. At sigma 0 there is nothing to ask, hence the last step's one pass: Karras et al.,
 * "Elucidating the Design Space of Diffusion-Based Generative Models", arXiv 2206.00364, algorithm 1, with the velocity of flow
 * matching for the derivative, as in diffusers' FlowMatchHeunDiscreteScheduler.
 */
export class HeunSolver extends ScheduleSolver {
  constructor(schedule: NoiseSchedule) {
    super(schedule, 2 * schedule.timesteps.length - 1);
  }

  override get step(): number {
    return this.isDone ? this.steps : Math.floor(this.pass / 2);
  }

  /** In the middle of a step the sample stands at the next level already. */
  protected override get level(): number {
    return this.step + (this.#inMiddle ? 1 : 0);
  }

  protected override remembered(): readonly string[] {
    return this.#inMiddle ? ['start', 'velocity'] : [];
  }

  protected move(sample: Float32Array, velocity: Float32Array): void {
    const [sigma, sigmaNext] = this.schedule.sigmas.subarray(this.step) as unknown as [number, number];
    const delta = Math.fround(sigmaNext - sigma);
    const start = this.buffer('start', sample.length);
    const first = this.buffer('velocity', sample.length);
    if (this.#inMiddle) {
      for (let i = 0; i < sample.length; i++) {
        sample[i] = (start[i] as number) + delta * 0.5 * ((first[i] as number) + (velocity[i] as number));
      }
    } else {
      start.set(sample);
      first.set(velocity);
      for (let i = 0; i < sample.length; i++) {
        sample[i] = (sample[i] as number) + delta * (velocity[i] as number);
      }
    }
  }

  get #inMiddle(): boolean {
    return this.pass % 2 === 1 && !this.isDone;
  }
}
