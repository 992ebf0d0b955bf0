/**
 * What the step engine promises, over random mixes on the real pocket model: alone, in any company, after a pause and after going
 * on in another worker, the same bytes; and what goes wrong with one generation ends that one.
 */
import { gaussianNoise, type NamedTensors, type Tensor, tensor } from '@darkroom/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DenoiseRequest } from '../engine/denoise-request.js';
import type { BatchEvent, HandedBack } from '../engine/events.js';
import { type RandomChoices, random } from '../engine/random.fixture.js';
import type { DenoiseResult } from '../engine/step-engine.js';
import type { PipelineError } from '../pipeline-error.js';
import { Denoiser } from './denoiser.js';
import { bits, encodePrompts, openPocket, poisoned } from './pocket.fixture.js';

/** Everything here runs the real transformer many times, on machines that have other work too. */
const timeout = 180_000;

/** Known seeds, and one that is new each time; a mix that fails is made again by its seed, but for the moments of arrival. */
const seeds = [1, 2, 3, 4, Math.floor(Math.random() * 2 ** 31)];

const folder = await openPocket();
let [empty, ...prompts]: readonly NamedTensors[] = [];
/** One generation a pass: what every image must look like. */
let alone: Denoiser;

beforeAll(async () => {
  [empty, ...prompts] = await encodePrompts(folder, ['', 'a red apple', 'two blue circles', 'a cat on a purple background']);
  alone = await Denoiser.load(folder, { threads: 2, deterministic: true });
}, timeout);
afterAll(() => alone.close());

/** What should become of a generation. */
type Fate = 'finishes' | 'may be cancelled' | 'is poisoned' | 'is malformed';

/** One generation of a mix. */
interface Planned {
  readonly fate: Fate;
  readonly request: DenoiseRequest & { readonly id: string };
  /** Milliseconds after the others. */
  readonly delayMs: number;
  /** Steps after which its asker goes away. */
  readonly cancelAfter: number;
}

/** How one generation went. */
interface Outcome {
  readonly planned: Planned;
  readonly result?: DenoiseResult;
  readonly error?: PipelineError;
  /** Every step that was told, by whichever worker. */
  readonly told: readonly number[];
}

/** Conditioning that no transformer should see, each bad in its own way. */
function malformed(good: NamedTensors, { integer, pick }: RandomChoices): NamedTensors {
  const name = pick(Object.keys(good));
  const { [name]: spoiled, ...others } = good as Record<string, Tensor<'float32'>>;
  const { shape, data } = spoiled as Tensor<'float32'>;
  const at = integer(0, data.length - 1);
  const spoiledBy = (value: number) => data.map((element, i) => (i === at ? value : element));
  return pick<NamedTensors>([
    others,
    { ...good, [`${name}_2`]: tensor('float32', shape, data) },
    { ...others, [name]: tensor('float32', [1, 1, data.length], data) },
    { ...others, [name]: tensor('int64', shape, new BigInt64Array(data.length)) },
    { ...others, [name]: tensor('float32', shape, spoiledBy(Number.NaN)) },
    { ...others, [name]: tensor('float32', shape, spoiledBy(Number.NEGATIVE_INFINITY)) },
  ]);
}

/** Nothing, a picture to start from, or one of which a part is kept; of a size in pixels. */
function startOf(width: number, height: number, { integer, pick }: RandomChoices): Partial<DenoiseRequest> {
  const [rows, columns] = [height / 16, width / 16];
  const initLatents = gaussianNoise(integer(0, 2 ** 32 - 1), [1, 16, rows, columns]);
  const mask = tensor(
    'float32',
    [1, 1, rows, columns],
    Float32Array.from({ length: rows * columns }, () => pick([0, 1])),
  );
  const strength = pick([0.3, 0.6, 1]);
  return pick([{}, {}, { initLatents, strength }, { initLatents, strength, mask }]);
}

function plan(i: number, choices: RandomChoices): Planned {
  const { integer, pick } = choices;
  const fate = pick<Fate>(['finishes', 'finishes', 'finishes', 'finishes', 'may be cancelled', 'is poisoned', 'is malformed']);
  const good = pick(prompts);
  const bad = {
    finishes: good,
    'may be cancelled': good,
    'is poisoned': poisoned(good),
    'is malformed': malformed(good, choices),
  };
  const size = pick([
    { width: 64, height: 64 },
    { width: 96, height: 64 },
    { width: 128, height: 128 },
  ]);
  return {
    fate,
    request: {
      id: `${i}: ${fate}`,
      seed: integer(0, 2 ** 32 - 1),
      ...size,
      ...startOf(size.width, size.height, choices),
      steps: integer(1, 6),
      guidanceScale: pick([0, 1, 2.5, 7]),
      solver: pick([undefined, 'euler', 'heun', 'dpmpp_2m']),
      sigmas: pick([undefined, 'karras', 'exponential', 'beta']),
      firstBlockCache: pick([undefined, undefined, undefined, 0.2]),
      tenant: pick(['a', 'b', 'c']),
      priority: integer(-1, 1),
      deadlineMs: pick([undefined, Date.now() + integer(10, 20) * 60_000]),
      previewEvery: pick([undefined, 1, 2]),
      checkpointEvery: pick([undefined, 1, 3]),
      conditioning: bad[fate],
      negativeConditioning: empty,
    },
    delayMs: pick([0, integer(0, 200)]),
    cancelAfter: fate === 'may be cancelled' ? integer(1, 3) : Number.POSITIVE_INFINITY,
  };
}

/** Runs a mix in one worker, which hands everything to another one after so many steps of all together. */
async function run(mix: readonly Planned[], first: Denoiser, second: Denoiser, drainAfter: number) {
  let stepsOfAll = 0;
  let drained: Promise<readonly HandedBack[]> | undefined;
  const outcomes = mix.map(async (planned): Promise<Outcome> => {
    const { request, delayMs, cancelAfter } = planned;
    const controller = new AbortController();
    const told: number[] = [];
    const ask = (denoiser: Denoiser, resume?: Uint8Array) =>
      denoiser.denoise(
        { ...request, resume },
        {
          signal: controller.signal,
          onStep: ({ step }) => {
            told.push(step);
            if (step >= cancelAfter) controller.abort();
            stepsOfAll += 1;
            if (stepsOfAll === drainAfter) drained = first.drain();
          },
        },
      );
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    try {
      const result = await ask(first).catch(async (error: PipelineError) => {
        if (error.code !== 'unavailable') throw error;
        const back = (await drained)?.find(({ id }) => id === request.id);
        return await ask(second, back?.checkpoint);
      });
      return { planned, result, told };
    } catch (error) {
      return { planned, error: error as PipelineError, told };
    }
  });
  return { outcomes: await Promise.all(outcomes), handedBack: (await drained) ?? [] };
}

describe('random mixes', () => {
  /** What happened in any of them. */
  const seen = new Set<string>();

  it.each(seeds)(
    'give every image the bits it has alone, and each end is its own (seed %d)',
    async (seed) => {
      const choices = random(seed);
      const threads = choices.integer(1, 2);
      const options = { batchRows: choices.integer(3, 12), maxActive: choices.pick([4, 64]) };
      const [first, second] = await Promise.all([
        Denoiser.load(folder, { threads, ...options }),
        Denoiser.load(folder, { threads: 3 - threads, ...options }),
      ]);
      const batches: BatchEvent[] = [];
      first.onBatch((event) => batches.push(event));
      const mix = Array.from({ length: 14 }, (_, i) => plan(i, choices));
      const { outcomes, handedBack } = await run(mix, first, second, choices.integer(8, 24));

      for (const { planned, result, error, told } of outcomes) {
        const { fate, request } = planned;
        const { id, steps, strength = 1 } = request;
        if (result !== undefined) {
          const solo = await alone.denoise(request);
          expect(bits(result.latents), id).toEqual(bits(solo.latents));
          // Nothing was made or told twice, on whatever worker.
          expect(result.usage.passes, id).toBe(solo.usage.passes);
          const made = Math.ceil(steps * strength);
          expect(told, id).toEqual(Array.from({ length: made }, (_, step) => step + 1));
          expect(['finishes', 'may be cancelled'], id).toContain(fate);
        } else if (fate === 'may be cancelled') {
          expect(error, id).toMatchObject({ code: 'cancelled' });
        } else if (fate === 'is poisoned') {
          expect(error, id).toMatchObject({
            code: 'internal',
            message: expect.stringMatching(/^the latents are not finite after/),
          });
        } else {
          expect(fate, id).toBe('is malformed');
          expect(error, id).toMatchObject({ code: 'invalid_argument', param: 'conditioning' });
          expect(told, id).toEqual([]);
        }
      }
      for (const { planned, result } of outcomes) seen.add(result ? 'finished' : planned.fate);
      if (batches.some(({ generations }) => generations > 1)) seen.add('had company');
      if (batches.some(({ waiting }) => waiting > 0)) seen.add('waited or paused');
      if (handedBack.some(({ step }) => step > 0)) seen.add('went on elsewhere');
      // Neither worker has anything left that did not end.
      expect(await Promise.all([first.drain(), second.drain()])).toEqual([[], []]);
      await Promise.all([first.close(), second.close()]);
    },
    timeout,
  );

  it('were mixes', () => {
    expect([...seen].sort()).toEqual(
      [
        'finished',
        'may be cancelled',
        'is poisoned',
        'is malformed',
        'had company',
        'waited or paused',
        'went on elsewhere',
      ].sort(),
    );
  });
});
