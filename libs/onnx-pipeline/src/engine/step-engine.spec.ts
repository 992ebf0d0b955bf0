/** The loop on a transformer that is a formula. What it promises on a real one is in `stages/denoiser.spec.ts`. */
import { type Tensor, tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import type { Transformer } from '../denoising/step-batch.js';
import type { TransformerStep } from '../families/family.js';
import { analytic, analyticModel, pull, requestOf, watched } from './analytic-model.fixture.js';
import { CostModel } from './cost-model.js';
import type { DenoiseRequest } from './denoise-request.js';
import type { BatchEvent, GenerationEvent, StepEvent } from './events.js';
import type { PolicyOptions } from './policy.js';
import { StepEngine } from './step-engine.js';

/** An engine that gains from company, and what each of its passes was like. */
function engineOf(transformer: Transformer = analytic, options: PolicyOptions = {}) {
  const costs = new CostModel();
  // Two pixels' sizes, at which eight rows are worth it.
  for (const [bucket, elements] of [
    ['2x3x2|1', 12],
    ['2x2x2|1', 8],
  ] as const) {
    costs.open(bucket, elements, 64);
    for (const rows of [1, 2, 4, 8]) costs.record(bucket, rows, 1);
  }
  const engine = new StepEngine(analyticModel(transformer), costs, options);
  const batches: BatchEvent[] = [];
  engine.onBatch((event) => batches.push(event));
  return { engine, batches };
}

/** Asks for an image and keeps what is told meanwhile. */
function ask(engine: StepEngine, request: DenoiseRequest, onEvent: (event: GenerationEvent) => void = () => undefined) {
  const events: GenerationEvent[] = [];
  const control = { cancelled: false };
  const result = engine.denoise(request, {
    isCancelled: () => control.cancelled,
    emit: (event) => {
      events.push(event);
      onEvent(event);
    },
  });
  return { result, events, control };
}

const latentsAlone = async (request: DenoiseRequest) => (await ask(engineOf().engine, request).result).latents;

describe('batching', () => {
  it('steps what is asked for together in one batch, and each gets the bits it has alone', async () => {
    const requests = [
      requestOf(),
      requestOf({ seed: 8, steps: 3, guidanceScale: 0, solver: 'heun' }),
      requestOf({ seed: 9, steps: 8, conditioning: pull(2), solver: 'dpmpp_2m', sigmas: 'karras' }),
      requestOf({ seed: 10, height: 16 }),
    ];
    const { engine, batches } = engineOf();
    const results = await Promise.all(requests.map((request) => ask(engine, request).result));
    expect(batches[0]).toMatchObject({ bucket: '2x3x2|1', generations: 3, rows: 5, waiting: 1, bestRows: 8, paddingMs: 0 });
    for (const [i, request] of requests.entries()) {
      expect(results[i]?.latents).toEqual(await latentsAlone(request));
    }
  });

  it('lets a generation join at the next boundary', async () => {
    const { engine, batches } = engineOf();
    let joined: Promise<unknown> | undefined;
    const first = ask(engine, requestOf({ steps: 6 }), (event) => {
      if (event.kind === 'step' && event.step === 2) joined = ask(engine, requestOf({ steps: 2 })).result;
    });
    await first.result;
    await joined;
    expect(batches.map(({ generations }) => generations)).toEqual([1, 1, 2, 2, 1, 1]);
  });

  it('makes one generation a pass when that is asked for', async () => {
    const { engine, batches } = engineOf(analytic, { maxTogether: 1 });
    await Promise.all([ask(engine, requestOf()).result, ask(engine, requestOf({ seed: 8 })).result]);
    expect(batches.map(({ rows }) => rows)).toEqual(Array(10).fill(2));
  });

  it('packs conditioning once for as long as the members stay', async () => {
    const seen = new Set<unknown>();
    const { engine } = engineOf(watched((step) => void seen.add(step.conditioning)));
    await Promise.all([ask(engine, requestOf({ steps: 4 })).result, ask(engine, requestOf({ steps: 6 })).result]);
    expect(seen.size).toBe(2);
  });

  it('tells what was used: its rows of each pass, and its wait', async () => {
    const { engine, batches } = engineOf();
    const guided = ask(engine, requestOf());
    const plain = ask(engine, requestOf({ guidanceScale: 1 }));
    const [{ usage, kernelMs }, { usage: plainUsage }] = await Promise.all([guided.result, plain.result]);
    // A pass takes a millisecond, of which two rows of three are the guided one's.
    expect(usage).toEqual({ kernelMs: expect.closeTo(10 / 3, 9), passes: 5, queueMs: expect.any(Number) });
    expect(kernelMs).toBe(usage.kernelMs);
    expect(plainUsage.kernelMs).toBeCloseTo(5 / 3, 9);
    expect(batches[0]?.queueMs).toEqual([usage.queueMs, plainUsage.queueMs]);
    const told = guided.events.filter((event) => event.kind === 'step');
    expect(told.map((event) => event.usage.passes)).toEqual([1, 2, 3, 4, 5]);
    expect(told.reduce((sum, event) => sum + event.kernelMs, 0)).toBeCloseTo(kernelMs, 9);
  });
});

describe('an urgent generation', () => {
  it('pauses a long one, which then ends with the bits it has alone', async () => {
    const { engine, batches } = engineOf(analytic, { maxTogether: 1 });
    const order: string[] = [];
    let urgent: Promise<unknown> | undefined;
    const long = ask(engine, requestOf({ steps: 12 }), (event) => {
      if (event.kind === 'step' && event.step === 3) {
        urgent = ask(engine, requestOf({ steps: 4, priority: 1 })).result.then(() => order.push('urgent'));
      }
    });
    const { latents } = await long.result;
    order.push('long');
    await urgent;
    expect(order).toEqual(['urgent', 'long']);
    expect(batches.map(({ waiting }) => waiting)).toEqual([0, 0, 0, 1, 1, 1, 1, ...Array(9).fill(0)]);
    expect(latents).toEqual(await latentsAlone(requestOf({ steps: 12 })));
  });
});

describe('what goes wrong', () => {
  it('ends a cancelled generation at the next boundary, with what it used, and no other', async () => {
    const { engine, batches } = engineOf();
    const gone = ask(engine, requestOf({ steps: 50 }), (event) => {
      if (event.kind === 'step' && event.step === 2) gone.control.cancelled = true;
    });
    const stays = ask(engine, requestOf({ seed: 8 }));
    await expect(gone.result).rejects.toMatchObject({ code: 'cancelled', usage: { passes: 2, kernelMs: 1 } });
    expect((await stays.result).latents).toEqual(await latentsAlone(requestOf({ seed: 8 })));
    expect(batches.map(({ generations }) => generations)).toEqual([2, 2, 1, 1, 1]);
  });

  it('ends a generation whose deadline passes, and refuses one whose has', async () => {
    const { engine } = engineOf(watched(() => new Promise((resolve) => setTimeout(resolve, 20))));
    const late = ask(engine, requestOf({ steps: 1000, deadlineMs: Date.now() + 100 }));
    await expect(late.result).rejects.toMatchObject({ code: 'deadline_exceeded', usage: { queueMs: expect.any(Number) } });
    const past = ask(engine, requestOf({ deadlineMs: Date.now() - 1 }));
    await expect(past.result).rejects.toMatchObject({ code: 'invalid_argument', param: 'deadline' });
  });

  it('ends a generation whose latents stop being numbers, and its company keeps its bits', async () => {
    const poisonous: Transformer = async (step) => {
      const { velocities, kernelMs } = await analytic(step);
      const size = velocities.data.length / step.timesteps.data.length;
      const data = (velocities.data as Float32Array).map((v, i) =>
        step.conditioning.pull?.data[Math.floor(i / size)] === 13 ? Number.NaN : v,
      );
      return { velocities: tensor('float32', velocities.shape, data), kernelMs };
    };
    const { engine, batches } = engineOf(poisonous);
    const bad = ask(engine, requestOf({ conditioning: pull(13) }));
    const good = ask(engine, requestOf({ seed: 8 }));
    await expect(bad.result).rejects.toMatchObject({
      code: 'internal',
      message: 'the latents are not finite after 1 of 5 steps',
      usage: { passes: 1 },
    });
    expect((await good.result).latents).toEqual(await latentsAlone(requestOf({ seed: 8 })));
    expect(batches[0]?.generations).toBe(2);
  });

  it('makes a pass that fails again, one generation at a time', async () => {
    const fails = watched(({ conditioning }: TransformerStep) => {
      if (Array.from(conditioning.pull?.data ?? [], Number).includes(13)) throw new Error('a kernel gave up');
    });
    const { engine } = engineOf(fails);
    const bad = ask(engine, requestOf({ conditioning: pull(13) }));
    const good = ask(engine, requestOf({ seed: 8 }));
    await expect(bad.result).rejects.toMatchObject({ code: 'internal', message: 'a kernel gave up' });
    expect((await good.result).latents).toEqual(await latentsAlone(requestOf({ seed: 8 })));
  });

  it.each<[string, Partial<DenoiseRequest>]>([
    ['size', { width: 17 }],
    ['steps', { steps: 0 }],
    ['guidance_scale', { negativeConditioning: undefined }],
    ['guidance_scale', { guidanceScale: Number.NaN }],
    ['conditioning', { conditioning: {} }],
    ['conditioning', { conditioning: { ...pull(1), push: pull(1).pull as never } }],
    ['conditioning', { conditioning: { pull: tensor('float32', [1, 2], new Float32Array(2)) } }],
    ['conditioning', { conditioning: { pull: tensor('int64', [1, 1], new BigInt64Array(1)) } }],
    ['conditioning', { conditioning: pull(Number.POSITIVE_INFINITY) }],
    ['solver', { solver: 'ddim' as never }],
    ['sigmas', { sigmas: 'linear' as never }],
    ['priority', { priority: 0.5 }],
    ['preview_every', { previewEvery: 0 }],
    ['checkpoint_every', { checkpointEvery: -1 }],
  ])('refuses a bad %s before any pass', async (param, overrides) => {
    const { engine, batches } = engineOf();
    await expect(ask(engine, requestOf(overrides)).result).rejects.toMatchObject({ code: 'invalid_argument', param });
    expect(batches).toEqual([]);
  });

  it('refuses an id that is running', async () => {
    const { engine } = engineOf();
    const first = ask(engine, requestOf({ id: 'same' }));
    await expect(ask(engine, requestOf({ id: 'same' })).result).rejects.toMatchObject({ param: 'id' });
    await first.result;
    await ask(engine, requestOf({ id: 'same' })).result;
  });
});

describe('previews', () => {
  it('come at the steps asked for', async () => {
    const { events, result } = ask(engineOf().engine, requestOf({ previewEvery: 2 }));
    await result;
    const told = events.filter((event) => event.kind === 'step');
    expect(told.map(({ denoised }) => denoised !== undefined)).toEqual([false, true, false, true, false]);
  });

  it('are made of estimates whose buffers change hands, and the generation goes on to the same bits', async () => {
    const request = requestOf({ previewEvery: 1, solver: 'dpmpp_2m' });
    const estimates: Tensor[] = [];
    const { latents } = await engineOf().engine.denoise(request, {
      isCancelled: () => false,
      emit: (event, transfer) => {
        const { denoised } = structuredClone(event, { transfer: [...(transfer ?? [])] as ArrayBuffer[] }) as StepEvent;
        if (denoised) estimates.push(denoised);
      },
    });
    expect(latents).toEqual(await latentsAlone(requestOf({ solver: 'dpmpp_2m' })));
    expect(estimates.at(-1)).toEqual(latents);
    expect(new Set(estimates.map(({ data }) => data[0])).size).toBe(5);
  });
});

describe('checkpoints', () => {
  const solvers = ['euler', 'heun', 'dpmpp_2m'] as const;

  it.each(solvers)('of %s let another engine go on to the same bits', async (solver) => {
    const request = requestOf({ steps: 7, solver, checkpointEvery: 2 });
    const { events, result } = ask(engineOf().engine, request);
    const { latents } = await result;
    const checkpoints = events.filter((event) => event.kind === 'checkpoint');
    expect(checkpoints.map(({ step }) => step)).toEqual([2, 4, 6]);
    for (const { step, checkpoint } of checkpoints) {
      const resumed = ask(engineOf().engine, { ...request, resume: checkpoint });
      expect((await resumed.result).latents).toEqual(latents);
      expect(resumed.events[0]).toEqual({ kind: 'resume', resumed: true, step });
      expect(resumed.events.filter((event) => event.kind === 'step').map((event) => event.step)).toEqual(
        Array.from({ length: 7 - step }, (_, i) => step + 1 + i),
      );
    }
  });

  it('that can not be used are told apart, and the generation starts anew', async () => {
    const { events, result } = ask(engineOf().engine, requestOf({ checkpointEvery: 3 }));
    await result;
    const { checkpoint } = events.find((event) => event.kind === 'checkpoint') as { checkpoint: Uint8Array };
    const damaged = checkpoint.slice();
    damaged[100] = (damaged[100] as number) ^ 1;
    for (const [resume, seed, refusal] of [
      [damaged, 7, 'corrupted'],
      [checkpoint, 8, 'other_request'],
    ] as const) {
      const anew = ask(engineOf().engine, requestOf({ seed, resume }));
      expect((await anew.result).latents).toEqual(await latentsAlone(requestOf({ seed })));
      expect(anew.events[0]).toEqual({ kind: 'resume', resumed: false, refusal });
    }
    const elsewhere = new StepEngine({ ...analyticModel(), digest: 'sha256:other' }, new CostModel());
    const anew = ask(elsewhere, requestOf({ resume: checkpoint }));
    await anew.result;
    expect(anew.events[0]).toEqual({ kind: 'resume', resumed: false, refusal: 'other_model' });
  });
});

describe('draining', () => {
  it('hands back all that is unfinished at the next boundary, and another engine finishes it', async () => {
    const { engine, batches } = engineOf(analytic, { maxActive: 1 });
    let drained: ReturnType<StepEngine['drain']> | undefined;
    const running = ask(engine, requestOf({ id: 'running' }), (event) => {
      if (event.kind === 'step' && event.step === 2) drained ??= engine.drain();
    });
    const waiting = ask(engine, requestOf({ id: 'waiting', seed: 8 }));
    await expect(running.result).rejects.toMatchObject({ code: 'unavailable', usage: { passes: 2 } });
    await expect(waiting.result).rejects.toMatchObject({ code: 'unavailable', usage: { passes: 0 } });
    const back = await drained;
    expect(batches.length).toBe(2);
    expect(back).toEqual([
      { id: 'running', step: 2, checkpoint: expect.any(Uint8Array), usage: expect.anything() },
      { id: 'waiting', step: 0, checkpoint: undefined, usage: expect.anything() },
    ]);
    expect(running.events.at(-1)).toMatchObject({ kind: 'checkpoint', step: 2, checkpoint: back?.[0]?.checkpoint });
    const resumed = ask(engineOf().engine, requestOf({ resume: back?.[0]?.checkpoint }));
    expect((await resumed.result).latents).toEqual(await latentsAlone(requestOf()));
    await expect(ask(engine, requestOf()).result).rejects.toMatchObject({ code: 'unavailable' });
    expect(await engine.drain()).toEqual([]);
    engine.resume();
    expect((await ask(engine, requestOf()).result).latents).toEqual(await latentsAlone(requestOf()));
  });
});
