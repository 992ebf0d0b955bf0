import type { Tensor } from '@darkroom/tensor';
import type { SizeLimits } from '../families/family.js';
import type { ModelFolder, ModelPart } from '../model-folder.js';
import type { ModelOptions } from '../model-options.js';
import type { DecodedImage, VaeDecoderMethods, VaeDecoderReady } from '../programs/vae-decoder.js';
import type { VaeOptions } from '../programs/vae-graph.js';
import { Stage, startStage } from './stage.js';

/** How to load one side of a VAE. */
export interface VaeStageOptions extends ModelOptions, VaeOptions {}

/**
 * A model's VAE decoder: latents in, pixels out. The same latents give the same bytes, whatever else is decoded meanwhile.
 *
 * Images that would take more than the memory limit are decoded in tiles, which differs from the whole by less than can be seen: which ones
 * do is decided by their size and the limit alone.
 */
export class VaeDecoder extends Stage<VaeDecoderMethods, VaeDecoderReady> {
  /** What the stage reads of a model folder. */
  static readonly parts: readonly ModelPart[] = ['vae_decoder', 'transformer/config.json'];

  /**
   * Verifies and loads the stage into a new worker thread.
   *
   * @throws PipelineError `model_damaged` when a file is not what its digest says, or not what the family reads.
   */
  static async load(folder: ModelFolder, options: VaeStageOptions): Promise<VaeDecoder> {
    return new VaeDecoder(await startStage('vae-decoder', folder, VaeDecoder.parts, options));
  }

  /** The image sizes that the VAE takes, decoding and encoding; more than the transformer makes. */
  get sizes(): SizeLimits {
    return this.ready.sizes;
  }

  /**
   * Decodes normalised latents to pixels.
   *
   * @param latents float32 [1, channels, height, width], as {@link Denoiser} gives them.
   * @throws PipelineError `invalid_argument` for "latents" of another type or shape, or that are no finite numbers.
   */
  async decode(latents: Tensor): Promise<DecodedImage> {
    return await this.client.call('decode', latents);
  }
}
