import { classifierFreeGuidance, type NoiseSchedule, needsGuidance, type Scheduler } from '@darkroom/flow-matching';
import { gaussianNoise, type NamedTensors, type Shape, type Tensor } from '@darkroom/tensor';
import { PipelineError } from '../pipeline-error.js';

/** What sets one image's path from noise to latents. */
export interface TrajectoryOptions {
  readonly seed: number;
  readonly steps: number;
  readonly guidanceScale: number;
  /** Conditioning of the prompt, each tensor of batch 1. */
  readonly conditioning: NamedTensors;
  /** Conditioning of the negative or empty prompt; needed when the guidance scale is above 1. */
  readonly negativeConditioning?: NamedTensors | undefined;
}

/**
 * One image on its way from noise to clean latents.
 *
 * It knows its own noise level and conditioning, so trajectories with different numbers of steps, and at different steps, can
 * share a batch: nothing here knows of the others, which is why the same seed gives the same latents in any company.
 */
export class Trajectory {
  /** float32 [1, channels, height, width]: the sample at the current noise level; changes with each step. */
  readonly latents: Tensor<'float32'>;
  /** Conditioning of each row this sample takes in a batch: the negative first when guided, then the prompt. */
  readonly rows: readonly NamedTensors[];
  readonly steps: number;
  readonly #scheduler: Scheduler;
  readonly #schedule: NoiseSchedule;
  readonly #guidanceScale: number;
  /** float32, the latents' size: the guided velocity, kept between steps so that none allocates. */
  readonly #velocity: Float32Array;
  #step = 0;

  /** @throws PipelineError `invalid_argument` when guidance is asked for without a negative conditioning. */
  constructor(scheduler: Scheduler, shape: Shape, options: TrajectoryOptions) {
    const { seed, steps, guidanceScale, conditioning, negativeConditioning } = options;
    this.#scheduler = scheduler;
    this.#schedule = scheduler.schedule(steps);
    this.#guidanceScale = guidanceScale;
    this.steps = steps;
    this.latents = gaussianNoise(seed, shape);
    this.#velocity = new Float32Array(this.latents.data.length);
    if (!needsGuidance(guidanceScale)) {
      this.rows = [conditioning];
    } else if (negativeConditioning) {
      this.rows = [negativeConditioning, conditioning];
    } else {
      throw PipelineError.invalidArgument(
        'guidance_scale',
        `guidance_scale ${guidanceScale} needs the conditioning of a negative or empty prompt`,
      );
    }
  }

  /** How many steps have been made. */
  get step(): number {
    return this.#step;
  }

  get isDone(): boolean {
    return this.#step === this.steps;
  }

  /** What the transformer is told at the current step. */
  get timestep(): number {
    return this.#schedule.timesteps[this.#step] as number;
  }

  /**
   * Makes one step.
   *
   * @param predictions float32, one per row and of the latents' size: the transformer's velocities.
   */
  advance(predictions: readonly Float32Array[]): void {
    const [sigma, sigmaNext] = this.#schedule.sigmas.subarray(this.#step, this.#step + 2) as unknown as [number, number];
    const [first, second] = predictions as [Float32Array, Float32Array | undefined];
    if (second) {
      classifierFreeGuidance(first, second, this.#guidanceScale, this.#velocity);
    } else {
      this.#velocity.set(first);
    }
    this.#scheduler.step(this.latents.data, this.#velocity, sigma, sigmaNext);
    this.#step += 1;
  }

  /** Estimates the clean latents from where the sample is now and where it was last heading; float32, the latents' shape. */
  denoised(): Tensor<'float32'> {
    const sigma = this.#schedule.sigmas[this.#step] as number;
    return { ...this.latents, data: this.#scheduler.denoised(this.latents.data, this.#velocity, sigma) };
  }
}
