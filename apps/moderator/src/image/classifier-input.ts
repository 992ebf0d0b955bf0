import type { Tensor } from '@darkroom/tensor';
import { tensor } from '@darkroom/tensor';
import sharp from 'sharp';
import type { ClassifierConfig } from './classifier-folder.js';
import { type RgbPicture, resizeForClassifier } from './resize.js';

/**
 * Makes of a picture what a classifier is fed.
 *
 * @returns float32 [1, side, side, 3] for NHWC, [1, 3, side, side] for NCHW: values from 0 to 1, less the mean, over the deviation.
 */
export async function classifierInput(picture: RgbPicture, config: ClassifierConfig): Promise<Tensor<'float32'>> {
  const { input_size: side, input_layout, mean, std, resize } = config;
  const square = resize === 'bilinear, corners aligned' ? resizeForClassifier(picture, side) : await antialiased(picture, side);
  const pixels = side * side;
  const isPlain = mean.every((value) => value === 0) && std.every((value) => value === 1);
  if (input_layout === 'NHWC' && isPlain) return tensor('float32', [1, side, side, 3], square);
  const values = new Float32Array(square.length);
  for (let channel = 0; channel < 3; channel++) {
    const [less, over] = [mean[channel] ?? 0, std[channel] ?? 1];
    for (let i = 0; i < pixels; i++) {
      const at = input_layout === 'NHWC' ? 3 * i + channel : channel * pixels + i;
      values[at] = ((square[3 * i + channel] as number) - less) / over;
    }
  }
  return tensor('float32', input_layout === 'NHWC' ? [1, side, side, 3] : [1, 3, side, side], values);
}

/** Resizes as most Python libraries do: bilinear, over all pixels that a smaller one stands for. */
async function antialiased({ data, width, height }: RgbPicture, side: number): Promise<Float32Array<ArrayBuffer>> {
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: side, height: side, fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false })
    .raw()
    .toBuffer();
  return Float32Array.from(bytes, (value) => value / 255);
}
