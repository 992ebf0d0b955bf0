/** Previews of the real pocket model against the picture that its VAE decodes. */
import { fileURLToPath } from 'node:url';
import type { Tensor } from '@darkroom/tensor';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RgbImage } from '../families/family.js';
import { ModelFolder } from '../model-folder.js';
import { Denoiser } from './denoiser.js';
import { PromptEncoder } from './prompt-encoder.js';
import { VaeDecoder } from './vae-decoder.js';

/** Pixels of the picture per pixel of the preview, along each axis. */
const scale = 16;

let promptEncoder: PromptEncoder;
let denoiser: Denoiser;
let vaeDecoder: VaeDecoder;

beforeAll(async () => {
  const folder = await ModelFolder.open(fileURLToPath(new URL('../../../../models/pocket', import.meta.url)));
  promptEncoder = await PromptEncoder.load(folder, { threads: 2 });
  denoiser = await Denoiser.load(folder, { threads: 2 });
  vaeDecoder = await VaeDecoder.load(folder, { threads: 2 });
});
afterAll(() => Promise.all([promptEncoder.close(), denoiser.close(), vaeDecoder.close()]));

const encode = async (prompt: string) => (await promptEncoder.encode(prompt)).conditioning;

/** Averages squares of pixels; the preview's size. */
function downscaled({ width, height, rgb }: RgbImage): number[] {
  const means = new Array<number>((width / scale) * (height / scale) * 3).fill(0);
  for (let i = 0; i < rgb.length; i++) {
    const [x, y, colour] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    const at = (Math.floor(y / scale) * (width / scale) + Math.floor(x / scale)) * 3 + colour;
    means[at] = (means[at] as number) + (rgb[i] as number) / scale ** 2;
  }
  return means;
}

/** Peak signal-to-noise ratio in decibels: 10 log10(255^2 / mean squared error). */
function psnr(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const squares = Array.from(a, (value, i) => (value - (b[i] as number)) ** 2);
  return 10 * Math.log10(255 ** 2 / (squares.reduce((sum, square) => sum + square) / squares.length));
}

/** Decibels. Three prompts with three seeds each measured 28.1 to 33.2; a grey picture has 7 to 10. */
const floor = 25;

it.each(['a red apple on a blue background', 'a yellow star on a black background', 'two green circles'])(
  'previews of "%s" come nearer and nearer to the picture, and the last one is it, scaled down',
  async (prompt) => {
    const estimates: Tensor<'float32'>[] = [];
    const { latents } = await denoiser.denoise(
      {
        seed: 7,
        steps: 12,
        guidanceScale: 4,
        width: 192,
        height: 160,
        conditioning: await encode(prompt),
        negativeConditioning: await encode(''),
        previewEvery: 4,
      },
      { onStep: ({ denoised }) => denoised && estimates.push(denoised) },
    );
    const previews = await Promise.all(estimates.map((estimate) => denoiser.preview(estimate)));
    const picture = downscaled(await vaeDecoder.decode(latents));
    expect(previews.map(({ width, height }) => [width, height])).toEqual(Array(3).fill([12, 10]));
    const likeness = previews.map(({ rgb }) => psnr(rgb, picture));
    expect(likeness).toEqual(likeness.toSorted((a, b) => a - b));
    expect(likeness[2]).toBeGreaterThan(floor);
  },
);
