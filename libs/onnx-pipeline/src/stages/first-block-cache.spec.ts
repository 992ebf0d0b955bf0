/** First-block caching on the real pocket model: whatever the company, the same bytes. */
import { fileURLToPath } from 'node:url';
import type { NamedTensors, Tensor } from '@darkroom/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DenoiseRequest } from '../engine/denoise-request.js';
import type { BatchEvent, CheckpointEvent } from '../engine/events.js';
import { ModelFolder } from '../model-folder.js';
import { Denoiser } from './denoiser.js';
import { PromptEncoder } from './prompt-encoder.js';

const folder = await ModelFolder.open(fileURLToPath(new URL('../../../../models/pocket', import.meta.url)));
const timeout = 120_000;

let denoiser: Denoiser;
/** One generation a pass, on another number of threads. */
let alone: Denoiser;
let prompts: readonly NamedTensors[];
let empty: NamedTensors;

beforeAll(async () => {
  const promptEncoder = await PromptEncoder.load(folder, { threads: 2 });
  const encode = async (prompt: string) => (await promptEncoder.encode(prompt)).conditioning;
  prompts = await Promise.all(['a red apple', 'two blue circles', 'a cat on a purple background'].map(encode));
  empty = await encode('');
  await promptEncoder.close();
  denoiser = await Denoiser.load(folder, { threads: 2, batchRows: 12 });
  alone = await Denoiser.load(folder, { threads: 1, deterministic: true });
}, timeout);
afterAll(() => Promise.all([denoiser.close(), alone.close()]));

const request = (overrides: Partial<DenoiseRequest> = {}): DenoiseRequest => ({
  seed: 7,
  steps: 16,
  guidanceScale: 4,
  width: 64,
  height: 64,
  conditioning: prompts[0] as NamedTensors,
  negativeConditioning: empty,
  firstBlockCache: 0.15,
  ...overrides,
});

/** Words instead of floats, so that equal means equal bits. */
const bits = ({ data }: Tensor<'float32'>) => new Uint32Array(data.buffer, data.byteOffset, data.length);

describe('first-block caching', () => {
  it(
    'gives every image the bits it has alone, in batches of caching generations and beside others',
    async () => {
      const requests = [
        request(),
        request({ seed: 8, conditioning: prompts[1] as NamedTensors, firstBlockCache: 0.3 }),
        request({ seed: 9, conditioning: prompts[2] as NamedTensors, guidanceScale: 1, steps: 20 }),
        request({ seed: 10, solver: 'heun', steps: 9 }),
        request({ seed: 11, firstBlockCache: 0 }),
      ];
      const batches: BatchEvent[] = [];
      const stop = denoiser.onBatch((event) => batches.push(event));
      const together = await Promise.all(requests.map((each) => denoiser.denoise(each)));
      stop();
      for (const [i, each] of requests.entries()) {
        expect(bits((together[i] as { latents: Tensor<'float32'> }).latents)).toEqual(bits((await alone.denoise(each)).latents));
      }
      // Some decided otherwise than their company.
      expect(batches.some(({ rows, reusedRows }) => reusedRows > 0 && reusedRows < rows)).toBe(true);
    },
    timeout,
  );

  it(
    'goes on from a checkpoint to the same bits, elsewhere',
    async () => {
      const checkpoints: CheckpointEvent[] = [];
      const each = request({ checkpointEvery: 5 });
      const { latents } = await denoiser.denoise(each, { onCheckpoint: (event) => checkpoints.push(event) });
      expect(checkpoints.map(({ step }) => step)).toEqual([5, 10, 15]);
      for (const { checkpoint: resume } of checkpoints) {
        expect(bits((await alone.denoise({ ...each, resume })).latents)).toEqual(bits(latents));
      }
    },
    timeout,
  );

  it(
    'changes the image, and without it the image is what it always was',
    async () => {
      const plain = await denoiser.denoise(request({ firstBlockCache: undefined }));
      expect(bits((await denoiser.denoise(request({ firstBlockCache: 0 }))).latents)).toEqual(bits(plain.latents));
      const cached = await denoiser.denoise(request());
      expect(bits(cached.latents)).not.toEqual(bits(plain.latents));
      const differences = cached.latents.data.map((value, i) => Math.abs(value - (plain.latents.data[i] as number)));
      const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
      // Latents have unit variance; of the same image they stay close.
      expect(mean).toBeLessThan(0.2);
    },
    timeout,
  );
});
