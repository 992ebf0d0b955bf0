/** The loop with caching generations, on a transformer that is a formula. What it promises on a real one is in `stages/`. */
import { describe, expect, it } from 'vitest';
import { analytic, analyticModel, analyticSplit, pull, requestOf } from './analytic-model.fixture.js';
import { CostModel } from './cost-model.js';
import type { DenoiseRequest } from './denoise-request.js';
import type { BatchEvent, GenerationEvent } from './events.js';
import { StepEngine } from './step-engine.js';

const bucket = '2x3x2|1';
const cachedBucket = `${bucket}|first-block-cache`;

function engineOf() {
  const costs = new CostModel({ batchRows: 8 });
  const engine = new StepEngine(analyticModel(analytic, analyticSplit), costs);
  const batches: BatchEvent[] = [];
  engine.onBatch((event) => batches.push(event));
  return { engine, batches };
}

async function ask(engine: StepEngine, request: DenoiseRequest) {
  const events: GenerationEvent[] = [];
  const result = await engine.denoise(request, { isCancelled: () => false, emit: (event) => events.push(event) });
  return { ...result, events };
}

const cached = (overrides: Partial<DenoiseRequest> = {}) => requestOf({ steps: 9, firstBlockCache: 0.3, ...overrides });

describe('a caching generation', () => {
  it('has the bits it has alone, in a batch of its kind and beside others, whose bits it leaves alone', async () => {
    const requests = [
      cached(),
      cached({ seed: 8, steps: 5, firstBlockCache: 0.5, guidanceScale: 1 }),
      cached({ seed: 9, conditioning: pull(2), solver: 'heun' }),
      requestOf({ seed: 10 }),
    ];
    const { engine, batches } = engineOf();
    const together = await Promise.all(requests.map((request) => ask(engine, request)));
    expect(batches.some((batch) => batch.bucket === cachedBucket && batch.generations === 3)).toBe(true);
    expect(batches.some((batch) => batch.bucket === bucket && batch.generations === 1)).toBe(true);
    for (const [i, request] of requests.entries()) {
      expect(together[i]?.latents).toEqual((await ask(engineOf().engine, request)).latents);
    }
  });

  it('tells the rows for which it computed the first block alone, and books what the kernels took', async () => {
    const { engine, batches } = engineOf();
    const { usage } = await ask(engine, cached({ firstBlockCache: 1000 }));
    expect(batches.map(({ reusedRows }) => reusedRows)).toEqual([0, ...Array(7).fill(2), 0]);
    expect(usage).toMatchObject({ passes: 9, kernelMs: 2 * 11.5 + 7 * 1.5 });
  });

  it('with a threshold of 0 is none: it has the bits of the whole transformer', async () => {
    const { engine, batches } = engineOf();
    const { latents } = await ask(engine, cached({ firstBlockCache: 0 }));
    expect(latents).toEqual((await ask(engine, cached({ firstBlockCache: undefined }))).latents);
    expect(latents).not.toEqual((await ask(engine, cached())).latents);
    expect(batches[0]).toMatchObject({ bucket, reusedRows: 0 });
  });

  it.each(['euler', 'heun', 'dpmpp_2m'] as const)('of %s goes on from any checkpoint to the same bits', async (solver) => {
    const request = cached({ solver, checkpointEvery: 1 });
    const { latents, events } = await ask(engineOf().engine, request);
    const checkpoints = events.filter((event) => event.kind === 'checkpoint');
    expect(checkpoints.length).toBe(8);
    for (const { step, checkpoint } of checkpoints) {
      const resumed = await ask(engineOf().engine, { ...request, resume: checkpoint });
      expect(resumed.events[0]).toEqual({ kind: 'resume', resumed: true, step });
      expect(resumed.latents).toEqual(latents);
    }
  });

  it('takes up no checkpoint of another threshold', async () => {
    const { events } = await ask(engineOf().engine, cached({ checkpointEvery: 4 }));
    const { checkpoint } = events.find((event) => event.kind === 'checkpoint') as { checkpoint: Uint8Array };
    for (const firstBlockCache of [0, 0.2]) {
      const anew = await ask(engineOf().engine, cached({ firstBlockCache, resume: checkpoint }));
      expect(anew.events[0]).toEqual({ kind: 'resume', resumed: false, refusal: 'other_request' });
    }
  });

  it.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY])('is refused with a threshold of %d', async (firstBlockCache) => {
    const refused = { code: 'invalid_argument', param: 'first_block_cache' };
    await expect(ask(engineOf().engine, cached({ firstBlockCache }))).rejects.toMatchObject(refused);
  });

  it('is refused by a model that can not be split', async () => {
    const engine = new StepEngine(analyticModel(), new CostModel());
    await expect(ask(engine, cached())).rejects.toMatchObject({ code: 'invalid_argument', param: 'first_block_cache' });
    await ask(engine, cached({ firstBlockCache: 0 }));
  });
});
