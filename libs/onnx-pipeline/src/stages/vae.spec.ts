/** Both sides of the VAE on the real pocket model, whole and in tiles. */
import { fileURLToPath } from 'node:url';
import { gaussianNoise, type Tensor } from '@darkroom/tensor';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ModelFolder } from '../model-folder.js';
import { Denoiser } from './denoiser.js';
import { PromptEncoder } from './prompt-encoder.js';
import { VaeDecoder } from './vae-decoder.js';
import { VaeEncoder } from './vae-encoder.js';

const folder = await ModelFolder.open(fileURLToPath(new URL('../../../../models/pocket', import.meta.url)));

// Everything here runs real kernels many times, on machines that have other work too.
vi.setConfig({ testTimeout: 120_000 });

/** Room for tiles of 256 pixels when decoding, and of 512 when encoding. */
const memoryLimitBytes = 16 * 2 ** 20;

let decoder: VaeDecoder;
let tilingDecoder: VaeDecoder;
let encoder: VaeEncoder;
let tilingEncoder: VaeEncoder;
/** Of pictures that the model made: 512x384 pixels, and 768x512. */
let small: Tensor<'float32'>;
let large: Tensor<'float32'>;

beforeAll(async () => {
  const promptEncoder = await PromptEncoder.load(folder, { threads: 2 });
  const { conditioning } = await promptEncoder.encode('a red apple left of a blue square on a yellow background');
  await promptEncoder.close();
  const denoiser = await Denoiser.load(folder, { threads: 2 });
  const request = { seed: 7, steps: 8, guidanceScale: 1, conditioning };
  [{ latents: small }, { latents: large }] = await Promise.all([
    denoiser.denoise({ ...request, width: 512, height: 384 }),
    denoiser.denoise({ ...request, width: 768, height: 512 }),
  ]);
  await denoiser.close();
  [decoder, tilingDecoder, encoder, tilingEncoder] = await Promise.all([
    VaeDecoder.load(folder, { threads: 2 }),
    VaeDecoder.load(folder, { threads: 2, memoryLimitBytes }),
    VaeEncoder.load(folder, { threads: 2 }),
    VaeEncoder.load(folder, { threads: 2, memoryLimitBytes }),
  ]);
}, 120_000);
afterAll(() => Promise.all([decoder, tilingDecoder, encoder, tilingEncoder].map((stage) => stage.close())));

/** Peak signal-to-noise ratio in dB: 10 log10(peak^2 / mean squared error). */
function psnr(a: ArrayLike<number>, b: ArrayLike<number>, peak: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    sum += ((a[i] as number) - (b[i] as number)) ** 2;
  }
  return 10 * Math.log10((peak ** 2 * a.length) / sum);
}

/** Latents that are noise, of an image size in pixels. */
const noise = (seed: number, width: number, height: number) => gaussianNoise(seed, [1, 16, height / 16, width / 16]);

describe('VaeDecoder', () => {
  it('decodes in tiles what it would decode whole, to 75 dB and one level of 255', async () => {
    for (const latents of [small, large]) {
      const whole = await decoder.decode(latents);
      const tiled = await tilingDecoder.decode(latents);
      expect(whole.tile).toBeUndefined();
      expect(tiled).toMatchObject({ width: whole.width, height: whole.height, tile: { width: 256, height: 256, overlap: 128 } });
      expect(psnr(whole.rgb, tiled.rgb, 255)).toBeGreaterThan(75);
      expect(whole.rgb.every((byte, i) => Math.abs(byte - (tiled.rgb[i] as number)) <= 1)).toBe(true);
    }
  });

  it('decodes more than the transformer makes, up to its own greatest side', async () => {
    expect(decoder.sizes).toMatchObject({ granularity: 16, maxSide: 2048 });
    const { width, height, rgb } = await tilingDecoder.decode(noise(1, 2048, 80));
    expect([width, height, rgb.length]).toEqual([2048, 80, 3 * 2048 * 80]);
    await expect(decoder.decode(noise(1, 2064, 80))).rejects.toMatchObject({ code: 'invalid_argument', param: 'latents' });
  });

  it('gives the same bytes in any company, whole and in tiles', async () => {
    const asked = [noise(1, 64, 96), noise(2, 64, 96), small, noise(3, 64, 96), noise(4, 96, 64), noise(5, 64, 96)];
    // Often enough that runs of two rows are tried.
    const all = [...asked, ...asked];
    for (const stage of [decoder, tilingDecoder]) {
      const alone: Uint8Array[] = [];
      for (const latents of asked) alone.push((await stage.decode(latents)).rgb);
      const together = await Promise.all(all.map((latents) => stage.decode(latents)));
      for (const [i, { rgb }] of together.entries()) {
        expect(Buffer.compare(rgb, alone[i % alone.length] as Uint8Array)).toBe(0);
      }
    }
  });

  it('fails what is wrong alone', async () => {
    const broken = noise(2, 64, 96);
    broken.data[5] = Number.NaN;
    const results = await Promise.allSettled(
      [noise(1, 64, 96), broken, noise(3, 64, 96)].map((latents) => decoder.decode(latents)),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(results[1]).toMatchObject({ reason: { code: 'invalid_argument', param: 'latents' } });
  });
});

describe('VaeEncoder', () => {
  it('turns a picture into latents that decode to it, at 35 dB', async () => {
    const picture = await decoder.decode(small);
    const { latents, kernelMs, tile } = await encoder.encode(picture);
    expect(latents.shape).toEqual(small.shape);
    expect(kernelMs).toBeGreaterThan(0);
    expect(tile).toBeUndefined();
    const { rgb } = await decoder.decode(latents);
    expect(psnr(picture.rgb, rgb, 255)).toBeGreaterThan(35);
  });

  it('gives latents of the scale that the transformer makes', async () => {
    const { latents } = await encoder.encode(await decoder.decode(large));
    const mean = latents.data.reduce((sum, value) => sum + value, 0) / latents.data.length;
    const deviation = Math.sqrt(latents.data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / latents.data.length);
    expect(Math.abs(mean)).toBeLessThan(0.5);
    expect(deviation).toBeGreaterThan(0.5);
    expect(deviation).toBeLessThan(1.5);
  });

  it('encodes in tiles what it would encode whole, to a hundredth of a deviation', async () => {
    const picture = await decoder.decode(large);
    const whole = await encoder.encode(picture);
    const tiled = await tilingEncoder.encode(picture);
    expect(tiled.tile).toEqual({ width: 448, height: 512, overlap: 128 });
    expect(tiled.latents.shape).toEqual(whole.latents.shape);
    expect(whole.latents.data.every((value, i) => Math.abs(value - (tiled.latents.data[i] as number)) < 0.01)).toBe(true);
  });

  it('takes the mean, whatever the seed: a VAE like this one has no more', async () => {
    const picture = await decoder.decode(small);
    expect((await encoder.encode(picture, { seed: 7 })).latents).toEqual((await encoder.encode(picture)).latents);
  });

  it.each([
    ['size', { width: 100, height: 96, rgb: new Uint8Array(100 * 96 * 3) }, {}],
    ['size', { width: 2064, height: 64, rgb: new Uint8Array(2064 * 64 * 3) }, {}],
    ['image', { width: 96, height: 96, rgb: new Uint8Array(96 * 96) }, {}],
    ['seed', { width: 96, height: 96, rgb: new Uint8Array(96 * 96 * 3) }, { seed: -1 }],
  ])('refuses a bad %s', async (param, image, options) => {
    await expect(encoder.encode(image, options)).rejects.toMatchObject({ code: 'invalid_argument', param });
  });
});
