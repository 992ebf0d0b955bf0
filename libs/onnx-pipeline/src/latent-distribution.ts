import { gaussianNoise, type Tensor, tensor } from '@darkroom/tensor';
import { PipelineError } from './pipeline-error.js';

/**
 * Takes latents from what a VAE encoder says of them: the mean, or with a seed a sample.
 *
 * The encoder gives either the means alone, and then its distribution is a point, or means and logarithms of variances one after the
 * other along the channels. A sample is mean + exp(logvar / 2) * noise, with logvar clamped to [-30, 20] as diffusers'
 * DiagonalGaussianDistribution does, and noise as `gaussianNoise` draws it.
 *
 * @param parameters float32 [1, channels or 2 * channels, height, width].
 * @param seed a uint32; without it the mean is taken.
 * @returns float32 [1, channels, height, width], not yet normalised.
 * @throws PipelineError `model_damaged` for another number of channels.
 */
export function takeLatents(parameters: Tensor<'float32'>, channels: number, seed?: number): Tensor<'float32'> {
  const [, given, height = 0, width = 0] = parameters.shape;
  if (given !== channels && given !== 2 * channels) {
    throw PipelineError.modelDamaged(`the VAE encoder gives ${given} channels, where ${channels} or twice as many are wanted`);
  }
  const shape = [1, channels, height, width];
  const elements = channels * height * width;
  const mean = parameters.data.slice(0, elements);
  if (seed !== undefined && given > channels) {
    const noise = gaussianNoise(seed, shape).data;
    for (let i = 0; i < elements; i++) {
      const logVariance = Math.min(20, Math.max(-30, parameters.data[elements + i] as number));
      mean[i] = (mean[i] as number) + Math.exp(logVariance / 2) * (noise[i] as number);
    }
  }
  return tensor('float32', shape, mean);
}
