import { addNoise, classifierFreeGuidance, needsGuidance, type Solver, type SolverState } from '@darkroom/flow-matching';
import { gaussianNoise, type NamedTensors, type Shape, type Tensor } from '@darkroom/tensor';
import { PipelineError } from '../pipeline-error.js';
import { type CachedResiduals, FirstBlockCache } from './first-block-cache.js';
import { KeptRegion } from './kept-region.js';

/** What sets one image's path from noise to latents. */
export interface TrajectoryOptions {
  readonly seed: number;
  readonly guidanceScale: number;
  /** Conditioning of the prompt, each tensor of batch 1. */
  readonly conditioning: NamedTensors;
  /** Conditioning of the negative or empty prompt; needed when the guidance scale is above 1. */
  readonly negativeConditioning?: NamedTensors | undefined;
  /** Threshold of first-block caching, see {@link FirstBlockCache}; off when 0 or absent. */
  readonly firstBlockCache?: number | undefined;
  /** float32 [1, channels, height, width], normalised: the picture to start from; from noise alone unless given. */
  readonly initLatents?: Tensor<'float32'> | undefined;
  /** float32 [1, 1, height, width]: where the picture is drawn anew (1) or kept (0); all of it is drawn anew unless given. */
  readonly mask?: Tensor<'float32'> | undefined;
}

/** All that a trajectory needs to go on, besides its request. */
export interface TrajectorySnapshot {
  readonly solver: SolverState;
  /** float32, the latents' elements at the solver's pass. */
  readonly latents: Float32Array;
  /** What its cache holds; absent where it has none, or none yet. */
  readonly cached?: CachedResiduals | undefined;
}

/**
 * One image on its way from noise, or a picture with noise upon it, to clean latents.
 *
 * It knows its own noise level and conditioning, so trajectories with different numbers of steps, and at different steps, can
 * share a batch: nothing here knows of the others, which is why the same seed gives the same latents in any company.
 */
export class Trajectory {
  /** float32 [1, channels, height, width]: the sample at the current noise level; changes with each step. */
  readonly latents: Tensor<'float32'>;
  /** Conditioning of each row this sample takes in a batch: the negative first when guided, then the prompt. */
  readonly rows: readonly NamedTensors[];
  /** What it remembers of the transformer's blocks; undefined unless its request asks for caching. */
  readonly cache: FirstBlockCache | undefined;
  readonly #solver: Solver;
  readonly #guidanceScale: number;
  /** float32, the latents' size: the guided velocity, kept between steps so that none allocates. */
  readonly #velocity: Float32Array;
  readonly #kept: KeptRegion | undefined;

  /**
   * @param solver at the start of its schedule, this trajectory's own.
   * @throws PipelineError `invalid_argument` when guidance is asked for without a negative conditioning.
   */
  constructor(solver: Solver, shape: Shape, options: TrajectoryOptions) {
    const { seed, guidanceScale, conditioning, negativeConditioning, firstBlockCache, initLatents, mask } = options;
    this.#solver = solver;
    this.#guidanceScale = guidanceScale;
    const noise = gaussianNoise(seed, shape);
    const start = initLatents && addNoise(initLatents.data, noise.data, solver.sigma, new Float32Array(noise.data.length));
    this.latents = start ? { ...noise, data: start } : noise;
    this.#kept = initLatents && mask && new KeptRegion(initLatents.data, noise.data, mask.data);
    this.cache = firstBlockCache ? new FirstBlockCache(firstBlockCache) : undefined;
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

  get steps(): number {
    return this.#solver.steps;
  }

  /** How many steps have been finished. */
  get step(): number {
    return this.#solver.step;
  }

  get isDone(): boolean {
    return this.#solver.isDone;
  }

  /** Whether every element of the latents is a number; once one is not, it never becomes one again. */
  get isFinite(): boolean {
    // 0 times anything but a number is NaN: one sum instead of a comparison per element.
    let zero = 0;
    for (const element of this.latents.data) {
      zero += element * 0;
    }
    return zero === 0;
  }

  /** What the transformer is told at the next pass. */
  get timestep(): number {
    return this.#solver.timestep;
  }

  /**
   * Makes one pass: a step, or with some solvers a part of one.
   *
   * @param predictions float32, one per row and of the latents' size: the transformer's velocities.
   */
  advance(predictions: readonly Float32Array[]): void {
    const [first, second] = predictions as [Float32Array, Float32Array | undefined];
    if (second) {
      classifierFreeGuidance(first, second, this.#guidanceScale, this.#velocity);
    } else {
      this.#velocity.set(first);
    }
    this.#solver.advance(this.latents.data, this.#velocity);
    this.#kept?.restore(this.latents.data, this.#solver.sigma);
  }

  /** Estimates the clean latents from where the sample is now and where it was last heading; float32, the latents' shape, a new buffer. */
  denoised(): Tensor<'float32'> {
    const data = this.#solver.denoised(this.latents.data, this.#velocity);
    this.#kept?.restore(data, 0);
    return { ...this.latents, data };
  }

  /** Copies all that going on needs, besides the request. */
  snapshot(): TrajectorySnapshot {
    return { solver: this.#solver.snapshot(), latents: this.latents.data.slice(), cached: this.cache?.residuals };
  }

  /**
   * Takes up a snapshot of the same request, and from there makes the same bits.
   *
   * @throws RangeError when such a trajectory can't have made it.
   */
  restore({ solver, latents, cached }: TrajectorySnapshot): void {
    if (latents.length !== this.latents.data.length) {
      throw new RangeError(`the snapshot has ${latents.length} latents, and this trajectory ${this.latents.data.length}`);
    }
    this.#solver.restore(solver);
    this.latents.data.set(latents);
    this.cache?.restore(cached);
  }
}
