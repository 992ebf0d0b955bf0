/** The engine on the real pocket model: what every stage promises. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { NamedTensors, Tensor } from '@darkroom/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DenoiseRequest } from '../engine/denoise-request.js';
import type { StepEvent } from '../engine/events.js';
import { ModelFolder } from '../model-folder.js';

import { Denoiser } from './denoiser.js';
import { PromptEncoder } from './prompt-encoder.js';
import { VaeDecoder } from './vae-decoder.js';

let promptEncoder: PromptEncoder;
let denoiser: Denoiser;
let vaeDecoder: VaeDecoder;
let apple: NamedTensors;
let empty: NamedTensors;

beforeAll(async () => {
  const folder = await ModelFolder.open(fileURLToPath(new URL('../../../../models/pocket', import.meta.url)));
  promptEncoder = await PromptEncoder.load(folder, { threads: 2 });
  denoiser = await Denoiser.load(folder, { threads: 2 });
  vaeDecoder = await VaeDecoder.load(folder, { threads: 2 });
  apple = (await promptEncoder.encode('a red apple')).conditioning;
  empty = (await promptEncoder.encode('')).conditioning;
});
afterAll(() => Promise.all([promptEncoder.close(), denoiser.close(), vaeDecoder.close()]));

const request = (overrides: Partial<DenoiseRequest> = {}): DenoiseRequest => ({
  seed: 7,
  steps: 4,
  guidanceScale: 4,
  width: 128,
  height: 96,
  conditioning: apple,
  negativeConditioning: empty,
  ...overrides,
});

describe('PromptEncoder', () => {
  it('gives finite conditioning of batch 1, the same bytes each time', async () => {
    for (const prompt of ['', 'a red apple', 'a cat '.repeat(100)]) {
      const { conditioning, kernelMs } = await promptEncoder.encode(prompt);
      expect(kernelMs).toBeGreaterThan(0);
      for (const { shape, data } of Object.values(conditioning)) {
        expect(shape[0]).toBe(1);
        expect((data as Float32Array).every(Number.isFinite)).toBe(true);
      }
      expect((await promptEncoder.encode(prompt)).conditioning).toEqual(conditioning);
    }
  });

  it('tells prompts apart', () => {
    expect(apple).not.toEqual(empty);
  });

  it('counts any number of tokens, but encodes at most 32,768', async () => {
    const special = await promptEncoder.countTokens('');
    // One letter to a word and a word to a token, whatever the vocabulary.
    const tooLong = ' a'.repeat(32_769 - special);
    expect(await promptEncoder.countTokens(tooLong)).toBe(32_769);
    await expect(promptEncoder.encode(tooLong)).rejects.toMatchObject({
      code: 'invalid_argument',
      param: 'prompt',
      message: 'the prompt has 32769 tokens, and at most 32768 are allowed',
    });
  });
});

describe('Denoiser', () => {
  it('gives the same bits for the same seed, whatever else runs, and others for another', async () => {
    const alone = await denoiser.denoise(request());
    const [together] = await Promise.all([denoiser.denoise(request()), denoiser.denoise(request({ seed: 8, steps: 3 }))]);
    expect(together.latents).toEqual(alone.latents);
    expect(alone.latents.shape.slice(2)).toEqual([6, 8]);
    const other = await denoiser.denoise(request({ seed: 8 }));
    expect(other.latents.data).not.toEqual(alone.latents.data);
  });

  it('guides only above a scale of 1', async () => {
    const plain = await denoiser.denoise(request({ guidanceScale: 1, negativeConditioning: undefined }));
    const zero = await denoiser.denoise(request({ guidanceScale: 0 }));
    const guided = await denoiser.denoise(request({ guidanceScale: 4 }));
    expect(zero.latents).toEqual(plain.latents);
    expect(guided.latents.data).not.toEqual(plain.latents.data);
  });

  it('tells each step, with a preview when asked', async () => {
    const events: StepEvent[] = [];
    const { kernelMs, totalMs } = await denoiser.denoise(request({ previewEvery: 1 }), { onStep: (event) => events.push(event) });
    expect(events.map(({ step, steps }) => [step, steps])).toEqual([1, 2, 3, 4].map((step) => [step, 4]));
    const { denoised } = events[3] as StepEvent;
    expect(await denoiser.preview(denoised as Tensor<'float32'>)).toMatchObject({
      width: 8,
      height: 6,
      rgb: expect.any(Uint8Array),
    });
    expect(events.reduce((sum, event) => sum + event.kernelMs, 0)).toBeCloseTo(kernelMs, 3);
    expect(totalMs).toBeGreaterThan(kernelMs);
  });

  it('stops between steps when it is cancelled, and works on', async () => {
    const controller = new AbortController();
    let last = 0;
    const cancelled = denoiser.denoise(request({ steps: 100 }), {
      signal: controller.signal,
      onStep: ({ step }) => {
        last = step;
        controller.abort();
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(last).toBeLessThan(10);
    await expect(denoiser.denoise(request(), { signal: controller.signal })).rejects.toMatchObject({ code: 'cancelled' });
    await denoiser.denoise(request());
  });

  it.each([
    ['size', { width: 100 }],
    ['size', { height: 2048 }],
    ['guidance_scale', { negativeConditioning: undefined }],
  ])('refuses a bad %s', async (param, overrides) => {
    await expect(denoiser.denoise(request(overrides))).rejects.toMatchObject({ code: 'invalid_argument', param });
  });

  it("leaves this thread's event loop free", async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    await denoiser.denoise(request({ width: 256, height: 256, steps: 10 }));
    delay.disable();
    // Median, since another process may take the core away; a blocked loop would show every step's whole kernel time.
    expect(delay.percentile(50) / 1e6).toBeLessThan(20);
  });
});

describe('VaeDecoder', () => {
  it('makes the same pixels of the same latents, at the size that was asked', async () => {
    const { latents } = await denoiser.denoise(request());
    const image = await vaeDecoder.decode(latents);
    expect(image).toMatchObject({ width: 128, height: 96 });
    expect(image.rgb.length).toBe(128 * 96 * 3);
    expect(new Set(image.rgb).size).toBeGreaterThan(16);
    expect((await vaeDecoder.decode(latents)).rgb).toEqual(image.rgb);
  });

  it('refuses what are no latents of this model', async () => {
    const { latents } = await denoiser.denoise(request({ steps: 1 }));
    const [batch = 0, channels = 0, height = 0, width = 0] = latents.shape;
    for (const shape of [
      [batch, channels, height * width],
      [batch, channels / 2, height, width * 2],
      [batch, channels, 1, height * width],
    ]) {
      await expect(vaeDecoder.decode({ ...latents, shape })).rejects.toMatchObject({
        code: 'invalid_argument',
        param: 'latents',
      });
    }
  });
});

describe('a stage whose thread has ended', () => {
  it('rejects what runs and all that comes', async () => {
    const folder = await ModelFolder.open(fileURLToPath(new URL('../../../../models/pocket', import.meta.url)));
    const doomed = await Denoiser.load(folder, { threads: 1 });
    const running = doomed.denoise(request({ steps: 100 }), { onStep: () => void doomed.close() });
    await expect(running).rejects.toMatchObject({ code: 'unavailable' });
    await expect(doomed.denoise(request())).rejects.toMatchObject({ code: 'unavailable' });
    expect(await doomed.ended).toBeUndefined();
  });
});
