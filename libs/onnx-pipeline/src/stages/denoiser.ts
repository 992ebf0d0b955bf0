import type { Tensor } from '@darkroom/tensor';
import type { MeasuredPass } from '../engine/cost-model.js';
import type { DenoiseRequest } from '../engine/denoise-request.js';
import type { BatchEvent, CheckpointEvent, GenerationEvent, HandedBack, ResumeEvent, StepEvent } from '../engine/events.js';
import type { DenoiseResult } from '../engine/step-engine.js';
import type { LatentFormat, RgbImage, SizeLimits } from '../families/family.js';
import type { ModelFolder, ModelPart } from '../model-folder.js';
import type { ModelOptions } from '../model-options.js';
import type { DenoiserMethods, DenoiserReady, EngineOptions } from '../programs/denoiser.js';
import { Stage, type StartedStage, startStage } from './stage.js';

/** How to load a denoiser. */
export interface DenoiserOptions extends ModelOptions, EngineOptions {}

/** Who listens while an image is denoised; no step waits for a listener. */
export interface DenoiseOptions {
  /** Looked at between passes, so cancelling takes effect within one step. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each step. */
  readonly onStep?: ((event: StepEvent) => void) | undefined;
  /** Told every `checkpointEvery` steps, and before the engine hands the work back. */
  readonly onCheckpoint?: ((event: CheckpointEvent) => void) | undefined;
  /** Told at the start whether the checkpoint given as `resume` is used, and if not, why. */
  readonly onResume?: ((event: ResumeEvent) => void) | undefined;
}

/**
 * A model's transformer with its scheduler: seeded noise in, latents out.
 *
 * All that is asked for at a time shares one loop, which batches it step by step; the same request gives the same bytes whatever else
 * runs, and also when it goes on from a checkpoint.
 */
export class Denoiser extends Stage<DenoiserMethods, DenoiserReady> {
  /** What the stage reads of a model folder. */
  static readonly parts: readonly ModelPart[] = ['transformer', 'scheduler', 'vae_decoder/config.json'];

  readonly #folder: ModelFolder;
  /** Makes previews on this thread; opened when the first one is asked for. */
  #latentFormat: Promise<LatentFormat> | undefined;

  private constructor(started: StartedStage<DenoiserMethods, DenoiserReady>, folder: ModelFolder) {
    super(started);
    this.#folder = folder;
  }

  /**
   * Verifies and loads the stage into a new worker thread.
   *
   * @throws PipelineError `model_damaged` when a file is not what its digest says, or not what the family reads.
   */
  static async load(folder: ModelFolder, options: DenoiserOptions): Promise<Denoiser> {
    // Models that are alike in these parts go on from each other's checkpoints, where they run alike.
    const { provider = 'cpu', precision = 'fp32' } = options;
    const digest = [
      folder.partsDigest(Denoiser.parts),
      ...(provider === 'cpu' && precision === 'fp32' ? [] : [provider, precision]),
    ].join(' ');
    return new Denoiser(await startStage('denoiser', folder, Denoiser.parts, { ...options, digest }), folder);
  }

  /** The image sizes the model can make. */
  get sizes(): SizeLimits {
    return this.ready.sizes;
  }

  /** The scheduler's name and shift, for receipts. */
  get scheduler(): DenoiserReady['scheduler'] {
    return this.ready.scheduler;
  }

  /** Whether only one generation makes a pass at a time: batches change bits on this machine, or it was asked for. */
  get deterministic(): boolean {
    return this.ready.deterministic;
  }

  /** Version of ONNX Runtime, for receipts. */
  get runtimeVersion(): string {
    return this.ready.runtimeVersion;
  }

  /** What runs the transformer, for receipts. */
  get execution(): DenoiserReady['execution'] {
    return this.ready.execution;
  }

  /**
   * Denoises one image, step by step, in the company of whatever else is asked for.
   *
   * @throws PipelineError `invalid_argument` naming the parameter: "size", "steps", "guidance_scale", "conditioning", "solver", "sigmas",
   *   "first_block_cache", "init_latents", "mask", "strength", "priority", "deadline", "id", "preview_every" or "checkpoint_every"; and with the
   *   usage up to then: `cancelled`
   *   when the signal fired, `deadline_exceeded`, `unavailable` after {@link drain}, `internal` when the latents stopped being numbers.
   */
  async denoise(request: DenoiseRequest, options: DenoiseOptions = {}): Promise<DenoiseResult> {
    const { signal, onStep, onCheckpoint, onResume } = options;
    const onEvent = ({ kind, ...event }: GenerationEvent) => {
      if (kind === 'step') onStep?.(event as StepEvent);
      else if (kind === 'checkpoint') onCheckpoint?.(event as CheckpointEvent);
      else onResume?.(event as ResumeEvent);
    };
    return await this.client.call('denoise', request, { signal, onEvent });
  }

  /**
   * Makes a small picture of latents that a step estimated, one pixel per position, on this thread: the worker's has kernels to feed.
   *
   * @param denoised float32 [1, channels, height, width], normalised.
   */
  async preview(denoised: Tensor<'float32'>): Promise<RgbImage> {
    return (await this.#openLatentFormat()).preview(denoised);
  }

  /**
   * Stops at the next step boundary and hands back all unfinished generations, each with its checkpoint; for the end of a process, or of its turn.
   *
   * Each one's `onCheckpoint` is told first, then its promise rejects with `unavailable`, and so does all that is asked for until {@link resume}.
   */
  async drain(): Promise<readonly HandedBack[]> {
    return await this.client.call('drain', undefined);
  }

  /** Takes generations again after {@link drain} has ended. */
  async resume(): Promise<void> {
    await this.client.call('resume', undefined);
  }

  /** What passes of the transformer cost by bucket and rows, as measured so far. */
  async costs(): Promise<readonly MeasuredPass[]> {
    return await this.client.call('costs', undefined);
  }

  /** Hears of each pass of the transformer, for metrics. Returns what stops it. */
  onBatch(listener: (event: BatchEvent) => void): () => void {
    const controller = new AbortController();
    const { signal } = controller;
    const onEvent = (event: BatchEvent) => {
      if (!signal.aborted) listener(event);
    };
    // Ends with the stage, whose own end is told elsewhere.
    this.client.call('watch', undefined, { signal, onEvent }).catch(() => undefined);
    return () => controller.abort();
  }

  /** The family is loaded lazily: it brings a tokenizer along, and most processes show no previews. */
  #openLatentFormat(): Promise<LatentFormat> {
    this.#latentFormat ??= import('../families/registry.js').then(({ familyOf }) =>
      familyOf(this.#folder).openLatentFormat(this.#folder),
    );
    return this.#latentFormat;
  }
}
