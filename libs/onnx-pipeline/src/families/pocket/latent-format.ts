import { type Tensor, tensor } from '@darkroom/tensor';
import type { ModelFolder } from '../../model-folder.js';
import { toUint8Rgb } from '../../pixels.js';
import { ConfigFields } from '../config-fields.js';
import type { LatentFormat } from '../family.js';

/** The sides the pocket model was made for, in pixels. */
const minSide = 64;
const maxSide = 1024;

/** The VAE would take any side; this is what has been measured. */
const vaeMaxSide = 2048;

/** Numbers of `vae_decoder/config.json`, checked. */
export interface PocketLatentConfig {
  readonly channels: number;
  /** Pixels per latent position, along each axis. */
  readonly compression: number;
  /** Latent positions per transformer token, along each axis. */
  readonly patchSize: number;
  /** Mean and deviation of each channel over the training data. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Linear map from a normalised latent's channels to red, green and blue in [-1, 1]. */
  readonly rgbFactors: readonly (readonly number[])[];
  readonly rgbBias: readonly number[];
}

/** Reads the shape and scale of a pocket model's latents. */
export async function openPocketLatentFormat(folder: ModelFolder): Promise<LatentFormat> {
  const vae = new ConfigFields('vae_decoder/config.json', await folder.readJson('vae_decoder/config.json'));
  const transformer = new ConfigFields('transformer/config.json', await folder.readJson('transformer/config.json'));
  const channels = vae.positiveInteger('latent_channels');
  return pocketLatentFormat({
    channels,
    compression: vae.positiveInteger('spatial_compression_ratio'),
    patchSize: transformer.positiveInteger('patch_size'),
    mean: vae.numbers('latents_mean', channels),
    std: vae.numbers('latents_std', channels),
    rgbFactors: vae.matrix('latent_rgb_factors', channels, 3),
    rgbBias: vae.numbers('latent_rgb_bias', 3),
  });
}

/** Makes the format of latents with the given numbers. */
export function pocketLatentFormat(config: PocketLatentConfig): LatentFormat {
  const { channels, compression, patchSize } = config;
  const granularity = compression * patchSize;
  return {
    sizes: { granularity, minSide, maxSide, maxPixels: maxSide * maxSide },
    vaeSizes: { granularity: compression, minSide, maxSide: vaeMaxSide, maxPixels: vaeMaxSide * vaeMaxSide },
    shape: (width, height) => [1, channels, height / compression, width / compression],
    tokens: (width, height) => (width / granularity) * (height / granularity),
    denormalise: (latents) => scaleChannels(latents, config.std, config.mean),
    normalise: (latents) => {
      const scales = config.std.map((std) => 1 / std);
      return scaleChannels(
        latents,
        scales,
        config.mean.map((mean, channel) => -mean * (scales[channel] as number)),
      );
    },
    preview: (latents) => {
      const [, , height = 0, width = 0] = latents.shape;
      return toUint8Rgb(projectToRgb(latents, config), width, height);
    },
  };
}

/** Returns latent * scale + offset, by channel. */
function scaleChannels(latents: Tensor<'float32'>, scales: readonly number[], offsets: readonly number[]): Tensor<'float32'> {
  const positions = latents.data.length / scales.length;
  const data = new Float32Array(latents.data.length);
  for (let channel = 0, i = 0; channel < scales.length; channel++) {
    const scale = scales[channel] as number;
    const offset = offsets[channel] as number;
    for (const end = i + positions; i < end; i++) {
      data[i] = (latents.data[i] as number) * scale + offset;
    }
  }
  return tensor('float32', latents.shape, data);
}

/** Returns float32 [3, height, width]: bias + sum over channels of latent * factor. */
function projectToRgb(latents: Tensor<'float32'>, { channels, rgbFactors, rgbBias }: PocketLatentConfig): Float32Array {
  const positions = latents.data.length / channels;
  const planes = new Float32Array(3 * positions);
  for (let colour = 0; colour < 3; colour++) {
    const plane = planes.subarray(colour * positions, (colour + 1) * positions).fill(rgbBias[colour] as number);
    for (let channel = 0; channel < channels; channel++) {
      const factor = rgbFactors[channel]?.[colour] as number;
      const values = latents.data.subarray(channel * positions, (channel + 1) * positions);
      for (let i = 0; i < positions; i++) {
        plane[i] = (plane[i] as number) + factor * (values[i] as number);
      }
    }
  }
  return planes;
}
