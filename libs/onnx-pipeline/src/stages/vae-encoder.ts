import type { RgbImage } from '../families/family.js';
import type { ModelFolder, ModelPart } from '../model-folder.js';
import type { EncodedImage, VaeEncoderMethods } from '../programs/vae-encoder.js';
import { Stage, startStage } from './stage.js';
import type { VaeStageOptions } from './vae-decoder.js';

/** A model's VAE encoder: pixels in, latents out, for edits. The same image and seed give the same bytes; large images are done in tiles. */
export class VaeEncoder extends Stage<VaeEncoderMethods, undefined> {
  /** What the stage reads of a model folder. */
  static readonly parts: readonly ModelPart[] = ['vae_encoder', 'vae_decoder/config.json', 'transformer/config.json'];

  /**
   * Verifies and loads the stage into a new worker thread.
   *
   * @throws PipelineError `model_damaged` when a file is not what its digest says, or not what the family reads.
   */
  static async load(folder: ModelFolder, options: VaeStageOptions): Promise<VaeEncoder> {
    return new VaeEncoder(await startStage('vae-encoder', folder, VaeEncoder.parts, options));
  }

  /**
   * Encodes an image to normalised latents.
   *
   * @param options.seed a uint32 that draws a sample of the latents' distribution; the mean is taken without it, and where a VAE such as
   *   pocket's gives no more than the mean.
   * @throws PipelineError `invalid_argument` for "size", "image" or "seed".
   */
  async encode(image: RgbImage, { seed }: { seed?: number | undefined } = {}): Promise<EncodedImage> {
    return await this.client.call('encode', { image, seed });
  }
}
