/** The step engine on the real pocket model. Random mixes of generations are in `batch-invariance.spec.ts`. */
import type { NamedTensors } from '@darkroom/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DenoiseRequest } from '../engine/denoise-request.js';
import type { BatchEvent, CheckpointEvent, ResumeEvent } from '../engine/events.js';
import { Denoiser } from './denoiser.js';
import { bits, encodePrompts, openPocket, poisoned } from './pocket.fixture.js';

const folder = await openPocket();

/** Everything here runs the real transformer many times, on machines that have other work too. */
const timeout = 180_000;

let denoiser: Denoiser;
/** One generation a pass, on another number of threads: what every image must look like. */
let alone: Denoiser;
let apple: NamedTensors;
let empty: NamedTensors;

beforeAll(async () => {
  [apple, empty] = (await encodePrompts(folder, ['a red apple', ''])) as [NamedTensors, NamedTensors];
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
  conditioning: apple,
  negativeConditioning: empty,
  ...overrides,
});

/** The bits of an image's latents when nothing else runs. */
const bitsAlone = async (each: DenoiseRequest) => bits((await alone.denoise(each)).latents);

describe('the warm-up', () => {
  it('finds that batches change no bits here, and measures passes', async () => {
    expect(denoiser.deterministic).toBe(false);
    expect(alone.deterministic).toBe(true);
    const costs = await denoiser.costs();
    const tried = costs.filter(({ bucket }) => bucket === '16x4x4|8x256|256').map(({ rows }) => rows);
    // How many are tried depends on how quick the machine is just now.
    expect(tried.length).toBeGreaterThan(0);
    expect(tried).toEqual([1, 2, 4, 8, 16, 32, 64].slice(0, tried.length));
    expect(costs.every(({ passMs }) => passMs > 0)).toBe(true);
  });
});

describe('bad company', () => {
  it(
    'fails alone, and neighbours in its batch keep their bits',
    async () => {
      const batches: BatchEvent[] = [];
      const stop = denoiser.onBatch((event) => batches.push(event));
      let bad: Promise<unknown> | undefined;
      const good = denoiser.denoise(request({ seed: 8, steps: 30 }), {
        onStep: () => {
          bad ??= expect(denoiser.denoise(request({ conditioning: poisoned(apple) }))).rejects.toMatchObject({
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
