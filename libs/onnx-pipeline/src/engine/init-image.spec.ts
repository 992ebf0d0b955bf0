/** Image to image and inpainting on a transformer that is a formula; the same on a real one is in `stages/batch-invariance.spec.ts`. */
import { gaussianNoise, type Tensor, tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import type { Transformer } from '../denoising/step-batch.js';
import { analytic, analyticModel, analyticSplit, pull, requestOf } from './analytic-model.fixture.js';
import { CostModel } from './cost-model.js';
import type { DenoiseRequest } from './denoise-request.js';
import type { GenerationEvent } from './events.js';
import { StepEngine } from './step-engine.js';

/** Latents of requests of 16x24 pixels: two channels of six positions. */
const shape = [1, 2, 3, 2];
const picture = tensor(
  'float32',
  shape,
  Float32Array.from({ length: 12 }, (_, i) => Math.sin(i) - 0.2),
);
/** Draws the first three positions anew, half of the fourth, and keeps two. */
const mask = tensor('float32', [1, 1, 3, 2], Float32Array.of(1, 1, 1, 0.5, 0, 0));
const kept = [4, 5, 10, 11];
const solvers = ['euler', 'heun', 'dpmpp_2m'] as const;

function engineOf(transformer: Transformer = analytic): StepEngine {
  return new StepEngine(analyticModel(transformer, analyticSplit), new CostModel());
}

async function ask(request: DenoiseRequest, engine = engineOf()) {
  const events: GenerationEvent[] = [];
  const result = await engine.denoise(request, { isCancelled: () => false, emit: (event) => events.push(event) });
  return { ...result, events };
}

const latentsOf = async (overrides: Partial<DenoiseRequest>, engine?: StepEngine) =>
  (await ask(requestOf(overrides), engine)).latents.data;

/** Noise levels of the analytic model: from 1 to the once shifted 1/1000 in even steps, shifted by 2.5, and 0. */
function sigmasOf(steps: number): number[] {
  const shift = (sigma: number) => (2.5 * sigma) / (1 + 1.5 * sigma);
  const least = shift(1 / 1000);
  const levels = Array.from({ length: steps }, (_, i) => shift(steps === 1 ? 1 : 1 + (i / (steps - 1)) * (least - 1)));
  return [...levels, 0];
}

/** Euler's method on the analytic transformer, guided by 4 between pulls of -0.5 and 1, in doubles and straight from the formulas. */
function expected(steps: number, made: number, masked: boolean): number[] {
  const noise = gaussianNoise(7, shape).data;
  const sigmas = sigmasOf(steps).slice(steps - made);
  const path = (i: number, sigma: number) => (1 - sigma) * (picture.data[i] as number) + sigma * (noise[i] as number);
  return Array.from(noise, (_, i) => {
    let x = path(i, sigmas[0] as number);
    for (let step = 0; step < made; step++) {
      const [sigma, next] = [sigmas[step] as number, sigmas[step + 1] as number];
      const [negative, positive] = [0.3 * x - 0.5 * sigma, 0.3 * x + sigma];
      x += (next - sigma) * (negative + 4 * (positive - negative));
      const m = masked ? (mask.data[i % 6] as number) : 1;
      x = m * x + (1 - m) * path(i, next);
    }
    return x;
  });
}

function expectClose(actual: Float32Array, wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  for (const [i, value] of actual.entries()) expect(Math.abs(value - (wanted[i] as number))).toBeLessThan(1e-5);
}

describe('image to image', () => {
  it.each([
    [5, 1, 5],
    [5, 0.6, 3],
    [5, 0.5, 3],
    [10, 0.1, 1],
    [10, 0.9, 9],
  ])('of %d steps at strength %d makes the last %d from the picture with noise upon it', async (steps, strength, made) => {
    const { latents, usage, events } = await ask(requestOf({ steps, strength, initLatents: picture }));
    expectClose(latents.data, expected(steps, made, false));
    expect(usage.passes).toBe(made);
    const told = events.filter((event) => event.kind === 'step');
    expect(told.map(({ step, steps: all }) => [step, all])).toEqual(Array.from({ length: made }, (_, i) => [i + 1, made]));
  });

  it.each(solvers)('at strength 1 is a picture from noise alone, to the bit: %s', async (solver) => {
    expect(await latentsOf({ solver, strength: 1, initLatents: picture })).toEqual(await latentsOf({ solver }));
  });

  it.each(solvers)('gives the picture back when the transformer knows the way to it: %s', async (solver) => {
    const noise = gaussianNoise(7, shape).data;
    const knowing: Transformer = async ({ latents }) => ({
      velocities: tensor(
        'float32',
        latents.shape,
        latents.data.map((_, i) => (noise[i % 12] as number) - (picture.data[i % 12] as number)),
      ),
      kernelMs: 1,
    });
    for (const strength of [0.2, 0.7, 1]) {
      expectClose(await latentsOf({ solver, strength, steps: 6, initLatents: picture }, engineOf(knowing)), [...picture.data]);
    }
  });
});

describe('inpainting', () => {
  it.each([
    [5, 1, 5],
    [5, 0.6, 3],
    [1, 1, 1],
  ])('of %d steps at strength %d is blended after each of the %d', async (steps, strength, made) => {
    expectClose(await latentsOf({ steps, strength, initLatents: picture, mask }), expected(steps, made, true));
  });

  it.each(solvers)('keeps what the mask keeps to the bit, also in previews, and draws the rest: %s', async (solver) => {
    const { latents, events } = await ask(requestOf({ solver, strength: 0.8, initLatents: picture, mask, previewEvery: 1 }));
    const previews = events.flatMap((event) => (event.kind === 'step' && event.denoised ? [event.denoised] : []));
    expect(previews).toHaveLength(4);
    for (const { data } of [latents, ...previews]) {
      for (const i of kept) expect(data[i]).toBe(picture.data[i]);
    }
    for (const i of [0, 1, 2, 6, 7, 8]) expect(latents.data[i]).not.toBeCloseTo(picture.data[i] as number, 2);
  });

  it.each(solvers)('with a mask that keeps nothing is image to image, to the bit: %s', async (solver) => {
    const everything = tensor('float32', [1, 1, 3, 2], new Float32Array(6).fill(1));
    const request = { solver, strength: 0.6, initLatents: picture };
    expect(await latentsOf({ ...request, mask: everything })).toEqual(await latentsOf(request));
  });
});

describe('a picture to start from', () => {
  const edits: Partial<DenoiseRequest>[] = solvers.flatMap((solver) => [
    { solver, initLatents: picture, strength: 0.7, steps: 9 },
    { solver, initLatents: picture, strength: 1, steps: 7, mask },
    { solver, initLatents: picture, strength: 0.5, steps: 12, mask, firstBlockCache: 10 },
  ]);

  it('gives the same bits in company', async () => {
    const engine = engineOf();
    const requests = [...edits, { seed: 8 }, { seed: 9, steps: 3, guidanceScale: 1, conditioning: pull(2) }];
    const together = await Promise.all(requests.map((request) => latentsOf(request, engine)));
    for (const [i, request] of requests.entries()) expect(together[i]).toEqual(await latentsOf(request));
  });

  it.each(edits)('goes on from any checkpoint with the same bits: $solver, strength $strength', async (edit) => {
    const { latents, events, usage } = await ask(requestOf({ ...edit, checkpointEvery: 1 }));
    const checkpoints = events.filter((event) => event.kind === 'checkpoint');
    expect(checkpoints.length).toBeGreaterThan(4);
    for (const { checkpoint, step } of checkpoints) {
      const resumed = await ask(requestOf({ ...edit, resume: checkpoint }));
      expect(resumed.events[0]).toEqual({ kind: 'resume', resumed: true, step });
      expect(resumed.latents).toEqual(latents);
      expect(resumed.usage.passes).toBe(usage.passes);
    }
  });

  it('does not go on from the checkpoint of another picture, mask or strength', async () => {
    const edit = { initLatents: picture, strength: 0.6, mask };
    const { events } = await ask(requestOf({ ...edit, checkpointEvery: 1 }));
    const { checkpoint } = events.find((event) => event.kind === 'checkpoint') as { checkpoint: Uint8Array };
    const others: Partial<DenoiseRequest>[] = [
      { initLatents: tensor('float32', shape, picture.data.with(3, 0)) },
      { mask: tensor('float32', [1, 1, 3, 2], mask.data.with(3, 0)) },
      { mask: undefined },
      { strength: 0.61 },
      { strength: 1, initLatents: undefined, mask: undefined },
    ];
    for (const other of others) {
      const anew = await ask(requestOf({ ...edit, ...other, resume: checkpoint }));
      expect(anew.events[0]).toEqual({ kind: 'resume', resumed: false, refusal: 'other_request' });
      expect(anew.latents.data).toEqual(await latentsOf({ ...edit, ...other }));
    }
  });

  it.each<[string, Partial<DenoiseRequest>]>([
    ['strength', { initLatents: picture, strength: 0 }],
    ['strength', { initLatents: picture, strength: 1.01 }],
    ['strength', { initLatents: picture, strength: Number.NaN }],
    ['strength', { strength: 0.5 }],
    ['mask', { mask }],
    ['mask', { initLatents: picture, mask: picture }],
    ['mask', { initLatents: picture, mask: tensor('float32', [1, 1, 3, 2], mask.data.with(0, 1.5)) }],
    ['mask', { initLatents: picture, mask: tensor('float32', [1, 1, 3, 2], mask.data.with(0, Number.NaN)) }],
    ['init_latents', { initLatents: tensor('float32', [1, 2, 2, 3], picture.data) }],
    ['init_latents', { initLatents: tensor('float16', shape, new Uint16Array(12)) as unknown as Tensor<'float32'> }],
    ['init_latents', { initLatents: tensor('float32', shape, picture.data.with(0, Number.POSITIVE_INFINITY)) }],
  ])('is refused by a bad %s', async (param, overrides) => {
    await expect(ask(requestOf(overrides))).rejects.toMatchObject({ code: 'invalid_argument', param });
  });
});
