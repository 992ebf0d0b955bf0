import type { Tensor } from '@darkroom/tensor';
import type { ModelFolder, ModelPart } from '../model-folder.js';
import type { DecodedImage, VaeDecoderMethods } from '../programs/vae-decoder.js';
import type { SessionOptions } from '../session/session.js';
import { Stage, startStage } from './stage.js';

/** A model's VAE decoder: latents in, pixels out. The same latents give the same bytes. */
export class VaeDecoder extends Stage<VaeDecoderMethods, undefined> {
  /** What the stage reads of a model folder. */
  static readonly parts: readonly ModelPart[] = ['vae_decoder', 'transformer/config.json'];

  /**
   * Verifies and loads the stage into a new worker thread.
   *
   * @throws PipelineError `model_damaged` when a file is not what its digest says, or not what the family reads.
   */
  static async load(folder: ModelFolder, options: SessionOptions): Promise<VaeDecoder> {
    return new VaeDecoder(await startStage('vae-decoder', folder, VaeDecoder.parts, options));
  }

  /**
   * Decodes normalised latents to pixels.
   *
   * @param latents float32 [1, channels, height, width], as {@link Denoiser} gives them.
   * @throws PipelineError `invalid_argument` for "latents" of another type or shape.
   */
  async decode(latents: Tensor): Promise<DecodedImage> {
    return await this.client.call('decode', latents);
  }
}
