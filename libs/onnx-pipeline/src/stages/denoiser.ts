import type { SizeLimits } from '../families/family.js';
import type { ModelFolder, ModelPart } from '../model-folder.js';
import type { DenoiseRequest, DenoiseResult, DenoiserMethods, DenoiserReady, StepEvent } from '../programs/denoiser.js';
import type { SessionOptions } from '../session/session.js';
import { Stage, startStage } from './stage.js';

/** How to run one denoising. */
export interface DenoiseOptions {
  /** Looked at between steps, so cancelling takes effect within one. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each step, without the next one waiting for it. */
  readonly onStep?: ((event: StepEvent) => void) | undefined;
}

/** A model's transformer with its scheduler: seeded noise in, latents out. The same request gives the same bytes. */
export class Denoiser extends Stage<DenoiserMethods, DenoiserReady> {
  /** What the stage reads of a model folder. */
  static readonly parts: readonly ModelPart[] = ['transformer', 'scheduler', 'vae_decoder/config.json'];

  /**
   * Verifies and loads the stage into a new worker thread.
   *
   * @throws PipelineError `model_damaged` when a file is not what its digest says, or not what the family reads.
   */
  static async load(folder: ModelFolder, options: SessionOptions): Promise<Denoiser> {
    return new Denoiser(await startStage('denoiser', folder, Denoiser.parts, options));
  }

  /** The image sizes the model can make. */
  get sizes(): SizeLimits {
    return this.ready.sizes;
  }

  /** The scheduler's name and shift, for receipts. */
  get scheduler(): DenoiserReady['scheduler'] {
    return this.ready.scheduler;
  }

  /** Version of ONNX Runtime, for receipts. */
  get runtimeVersion(): string {
    return this.ready.runtimeVersion;
  }

  /**
   * Denoises one image, step by step.
   *
   * @throws PipelineError `invalid_argument` for "size" or "guidance_scale"; `cancelled` when the signal fired.
   */
  async denoise(request: DenoiseRequest, { signal, onStep }: DenoiseOptions = {}): Promise<DenoiseResult> {
    return await this.client.call('denoise', request, { signal, onEvent: onStep });
  }
}
