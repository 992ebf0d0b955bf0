/** The step engine on the real pocket model: whatever the company, the same bytes. */
import { fileURLToPath } from 'node:url';
import { type NamedTensors, type Tensor, tensor } from '@darkroom/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DenoiseRequest } from '../engine/denoise-request.js';
import type { BatchEvent, CheckpointEvent, ResumeEvent } from '../engine/events.js';
import { random } from '../engine/random.fixture.js';
import { ModelFolder } from '../model-folder.js';
import { Denoiser } from './denoiser.js';
import { PromptEncoder } from './prompt-encoder.js';

const folder = await ModelFolder.open(fileURLToPath(new URL('../../../../models/pocket', import.meta.url)));

/** Everything here runs the real transformer many times, on machines that have other work too. */
const timeout = 180_000;

let denoiser: Denoiser;
/** One generation a pass, on another number of threads: what every image must look like. */
let alone: Denoiser;
let prompts: readonly NamedTensors[];
let empty: NamedTensors;

beforeAll(async () => {
  const promptEncoder = await PromptEncoder.load(folder, { threads: 2 });
  const encode = async (prompt: string) => (await promptEncoder.encode(prompt)).conditioning;
  prompts = await Promise.all(['a red apple', 'two blue circles', 'a cat on a purple background'].map(encode));
  empty = await encode('');
  await promptEncoder.close();
  // A fixed number, since which one is best depends on the machine.
  denoiser = await Denoiser.load(folder, { threads: 2, batchRows: 12 });
  alone = await Denoiser.load(folder, { threads: 1, deterministic: true });
}, timeout);
afterAll(() => Promise.all([denoiser.close(), alone.close()]));

const request = (overrides: Partial<DenoiseRequest> = {}): DenoiseRequest => ({
  seed: 7,
  steps: 4,
  guidanceScale: 4,
  width: 64,
  height: 64,
  conditioning: prompts[0] as NamedTensors,
  negativeConditioning: empty,
  ...overrides,
});

/** The bits of an image's latents when nothing else runs. */
const bitsAlone = async (each: DenoiseRequest) => bits((await alone.denoise(each)).latents);

/** Words instead of floats, so that equal means equal bits. */
const bits = ({ data }: Tensor<'float32'>) => new Uint32Array(data.buffer, data.byteOffset, data.length);

describe('the warm-up', () => {
  it('finds that batches change no bits here, and measures passes', async () => {
    expect(denoiser.deterministic).toBe(false);
    expect(alone.deterministic).toBe(true);
    const costs = await denoiser.costs();
    expect(costs.slice(0, 7).map(({ bucket, rows }) => [bucket, rows])).toEqual(
      [1, 2, 4, 8, 16, 32, 64].map((rows) => ['16x4x4|8x256|256', rows]),
    );
    expect(costs.every(({ passMs }) => passMs > 0)).toBe(true);
  });
});

describe('a random mix', () => {
  it.each([1, 2, 3, 4])(
    'gives every image the bits it has alone, through joins, cancels, pauses and resumes (seed %d)',
    async (seed) => {
      const { integer, pick } = random(seed);
      const batches: BatchEvent[] = [];
      const stop = denoiser.onBatch((event) => batches.push(event));
      const generations = Array.from({ length: 10 }, async (_, i) => {
        const each = request({
          seed: integer(0, 2 ** 32 - 1),
          steps: integer(1, 7),
          guidanceScale: pick([0, 1, 2.5, 7]),
          ...pick([
            { width: 64, height: 64 },
            { width: 96, height: 64 },
          ]),
          conditioning: pick(prompts),
          solver: pick([undefined, undefined, 'heun', 'dpmpp_2m']),
          sigmas: pick([undefined, 'karras', 'beta']),
          tenant: pick(['a', 'b']),
          priority: integer(0, 1),
          checkpointEvery: integer(1, 3),
        });
        const cancelAfter = i % 4 === 0 ? integer(1, 3) : Number.POSITIVE_INFINITY;
        await new Promise((resolve) => setTimeout(resolve, integer(0, 300)));
        return { each, latents: await denoiseThrough(each, cancelAfter) };
      });
      for (const { each, latents } of await Promise.all(generations)) {
        expect(bits(latents)).toEqual(await bitsAlone(each));
      }
      stop();
      expect(batches.some((batch) => batch.generations > 1)).toBe(true);
    },
    timeout,
  );

  /** Denoises, and when it is cancelled on the way, goes on from its last checkpoint. */
  async function denoiseThrough(each: DenoiseRequest, cancelAfter: number): Promise<Tensor<'float32'>> {
    const controller = new AbortController();
    let last: CheckpointEvent | undefined;
    try {
      const { latents } = await denoiser.denoise(each, {
        signal: controller.signal,
        onStep: ({ step }) => step >= cancelAfter && controller.abort(),
        onCheckpoint: (event) => {
          last = event;
        },
      });
      return latents;
    } catch (error) {
      expect(error).toMatchObject({ code: 'cancelled' });
      return (await denoiser.denoise({ ...each, resume: last?.checkpoint })).latents;
    }
  }
});

describe('bad company', () => {
  it(
    'fails alone, and neighbours in its batch keep their bits',
    async () => {
      // Finite, but more than the transformer's activations can hold.
      const huge = Object.fromEntries(
        Object.entries(empty).map(([name, { shape, data }]) => [
          name,
          tensor('float32', shape, new Float32Array(data.length).fill(3e38)),
        ]),
      );
      const batches: BatchEvent[] = [];
      const stop = denoiser.onBatch((event) => batches.push(event));
      let bad: Promise<unknown> | undefined;
      const good = denoiser.denoise(request({ seed: 8, steps: 30 }), {
        onStep: () => {
          bad ??= expect(denoiser.denoise(request({ conditioning: huge }))).rejects.toMatchObject({
            code: 'internal',
            message: 'the latents are not finite after 1 of 4 steps',
          });
        },
      });
      expect(bits((await good).latents)).toEqual(await bitsAlone(request({ seed: 8, steps: 30 })));
      await bad;
      stop();
      expect(batches.some(({ generations }) => generations === 2)).toBe(true);
    },
    timeout,
  );
});

describe('draining', () => {
  it(
    'hands the work to another worker, which finishes the same image',
    async () => {
      const draining = await Denoiser.load(folder, { threads: 2 });
      const checkpoints: CheckpointEvent[] = [];
      let back: ReturnType<Denoiser['drain']> | undefined;
      const running = draining.denoise(request({ id: 'gen', steps: 40 }), {
        onStep: ({ step }) => {
          if (step === 2) back = draining.drain();
        },
        onCheckpoint: (event) => checkpoints.push(event),
      });
      await expect(running).rejects.toMatchObject({ code: 'unavailable', usage: { passes: expect.any(Number) } });
      const [handedBack] = (await back) ?? [];
      await draining.close();
      expect(handedBack).toMatchObject({ id: 'gen', checkpoint: checkpoints[0]?.checkpoint });

      let resumed: ResumeEvent | undefined;
      const rest = { ...request({ steps: 40 }), resume: handedBack?.checkpoint };
      const { latents } = await denoiser.denoise(rest, {
        onResume: (event) => {
          resumed = event;
        },
      });
      expect(resumed).toEqual({ resumed: true, step: handedBack?.step });
      expect(bits(latents)).toEqual(await bitsAlone(request({ steps: 40 })));
    },
    timeout,
  );
});
