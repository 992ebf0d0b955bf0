import { type ModelFolder, OnnxSession, type RgbImage } from '@darkroom/onnx-pipeline';
import { expectDataType, type Tensor, tensor } from '@darkroom/tensor';
import { mean, meanSquaredError, psnr } from './statistics.js';

/**
 * Measures what a model's VAE loses: real pictures are encoded and decoded.
 *
 * @returns the mean over pictures of the peak signal-to-noise ratio, in decibels.
 */
export async function reconstructionPsnr(folder: ModelFolder, threads: number, pictures: readonly RgbImage[]): Promise<number> {
  await folder.verify(['vae_encoder', 'vae_decoder']);
  const encoder = await OnnxSession.load({ path: folder.graphPath('vae_encoder'), threads });
  const decoder = await OnnxSession.load({ path: folder.graphPath('vae_decoder'), threads });
  try {
    const ratios: number[] = [];
    for (const picture of pictures) {
      const encoded = await encoder.run({ sample: toPlanes(picture) });
      const decoded = await decoder.run({ latent_sample: encoded.outputs['latent_parameters'] as Tensor });
      const sample = expectDataType(decoded.outputs['sample'] as Tensor, 'float32', "the VAE's output");
      ratios.push(psnr(meanSquaredError(picture.rgb, fromPlanes(sample.data))));
    }
    return mean(ratios);
  } finally {
    await Promise.all([encoder.close(), decoder.close()]);
  }
}

/** Turns a picture into planes: float32 [1, 3, height, width] in [-1, 1]. */
export function toPlanes({ width, height, rgb }: RgbImage): Tensor<'float32'> {
  const pixels = width * height;
  const planes = new Float32Array(3 * pixels);
  for (let i = 0; i < rgb.length; i++) planes[(i % 3) * pixels + Math.floor(i / 3)] = (rgb[i] as number) / 127.5 - 1;
  return tensor('float32', [1, 3, height, width], planes);
}

/** Turns planes, float32 [1, 3, height, width] about in [-1, 1], into bytes [height, width, 3]. */
export function fromPlanes(planes: Float32Array): Uint8Array {
  const pixels = planes.length / 3;
  const rgb = new Uint8ClampedArray(planes.length);
  for (let i = 0; i < rgb.length; i++) rgb[i] = ((planes[(i % 3) * pixels + Math.floor(i / 3)] as number) + 1) * 127.5;
  return new Uint8Array(rgb.buffer);
}
