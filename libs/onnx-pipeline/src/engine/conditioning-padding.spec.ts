/** Conditioning of different lengths in one batch, on a real graph that masks: padding changes no bits by company, and no values. */
import { readFile } from 'node:fs/promises';
import { type NamedTensors, type Tensor, tensor } from '@darkroom/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConditioningPadding } from '../families/family.js';
import type { Session } from '../session/session.js';
import { checkConditioning } from './conditioning.js';
import { checkPadding, padRows } from './conditioning-padding.js';
import { CostModel } from './cost-model.js';
import type { DenoiseRequest } from './denoise-request.js';
import type { BatchEvent, GenerationEvent } from './events.js';
import { loadMaskedGraph, maskedInputs, maskedModel, maskedPadding, maskedRequest, text } from './masked-model.fixture.js';
import { StepEngine } from './step-engine.js';
import { warmUp } from './warm-up.js';

let session: Session;
beforeAll(async () => {
  session = await loadMaskedGraph();
});
afterAll(() => session.release());

/** Runs requests together, in as large batches as there can be. */
async function run(requests: readonly DenoiseRequest[], model = maskedModel(session)) {
  const engine = new StepEngine(model, new CostModel({ batchRows: 16 }));
  const batches: BatchEvent[] = [];
  engine.onBatch((event) => batches.push(event));
  const events: GenerationEvent[][] = requests.map(() => []);
  const results = await Promise.allSettled(
    requests.map((request, i) =>
      engine.denoise(request, { isCancelled: () => false, emit: (event) => void events[i]?.push(event) }),
    ),
  );
  const latents = results.map((result) => (result.status === 'fulfilled' ? result.value.latents.data : result.reason));
  return { latents, batches, events };
}

const unpadded: ConditioningPadding = { ...maskedPadding, granularity: 1 };

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] as number))));
}

describe('padRows', () => {
  it('pads all rows to the next multiple of the longest, and masks the padding', () => {
    const [short, long] = padRows([text(3), text(9)], maskedPadding) as [NamedTensors, NamedTensors];
    expect(short.encoder_hidden_states?.shape).toEqual([1, 16, 8]);
    expect(short.encoder_hidden_states?.data.slice(0, 24)).toEqual(text(3).encoder_hidden_states?.data);
    expect(short.encoder_hidden_states?.data.slice(24)).toEqual(new Float32Array(13 * 8));
    expect(short.encoder_attention_mask).toEqual(
      tensor(
        'int64',
        [1, 16],
        BigInt64Array.from({ length: 16 }, (_, i) => BigInt(Number(i < 3))),
      ),
    );
    expect(Array.from(long.encoder_attention_mask?.data ?? [], Number)).toEqual([...Array(9).fill(1), ...Array(7).fill(0)]);
  });

  it('extends a mask that the text encoder gave', () => {
    const mask = tensor('float32', [1, 3], Float32Array.of(0, 1, 1));
    const [padded] = padRows([{ ...text(3), encoder_attention_mask: mask }], {
      ...maskedPadding,
      maskType: 'float32',
      granularity: 4,
    });
    expect(padded?.encoder_attention_mask).toEqual(tensor('float32', [1, 4], Float32Array.of(0, 1, 1, 0)));
  });

  it('leaves a full length as it is', () => {
    const [padded] = padRows([text(8)], maskedPadding);
    expect(padded?.encoder_hidden_states).toEqual(text(8).encoder_hidden_states);
  });
});

describe('padded and masked', () => {
  it('the transformer gives what it would without padding, by an independent computation', async () => {
    const golden = JSON.parse(await readFile(new URL('../../golden/masked-transformer.json', import.meta.url), 'utf8'));
    expect(golden).toHaveLength(4);
    for (const { tokens, timestep, latents, text: values, velocities } of golden) {
      const conditioning = { encoder_hidden_states: tensor('float32', [1, tokens, 8], Float32Array.from(values)) };
      const [padded] = padRows([conditioning], maskedPadding) as [NamedTensors];
      const step = {
        latents: tensor('float32', [1, 4, 2, 3], Float32Array.from(latents)),
        timesteps: tensor('float32', [1], Float32Array.of(timestep)),
      };
      const velocitiesOf = async (row: NamedTensors) =>
        ((await session.run(maskedInputs({ ...step, conditioning: row }))).outputs.out_sample as Tensor<'float32'>).data;
      expect(largestDifference(await velocitiesOf(padded), velocities)).toBeLessThan(1e-5);
      if (tokens % 8 !== 0) {
        // The mask is what does it.
        const open = {
          ...padded,
          encoder_attention_mask: padRows([text(Math.ceil(tokens / 8) * 8)], maskedPadding)[0]?.encoder_attention_mask,
        };
        expect(largestDifference(await velocitiesOf(open as NamedTensors), velocities)).toBeGreaterThan(1e-3);
      }
    }
  });

  it('a generation ends within 1e-5 of the unpadded', async () => {
    for (const tokens of [1, 3, 7, 11]) {
      const request = maskedRequest({ guidanceScale: 1, conditioning: text(tokens) });
      const padded = (await run([request])).latents[0];
      const exact = (await run([request], maskedModel(session, unpadded))).latents[0];
      expect(largestDifference(padded, exact)).toBeLessThan(1e-5);
      expect(Math.max(...exact.map(Math.abs))).toBeGreaterThan(0.1);
    }
  });

  it('conditioning of different lengths shares a batch, and each gets the bits it has alone', async () => {
    const requests = [
      maskedRequest(),
      maskedRequest({ seed: 8, conditioning: text(7), negativeConditioning: text(2) }),
      maskedRequest({ seed: 9, conditioning: text(8), guidanceScale: 1 }),
      // The negative prompt is the longer one, and makes this a pair of 16 tokens.
      maskedRequest({ seed: 10, conditioning: text(2), negativeConditioning: text(11) }),
      maskedRequest({ seed: 11, conditioning: text(16), guidanceScale: 1, solver: 'heun' }),
    ];
    const { latents, batches } = await run(requests);
    const first = (name: string) => batches.find(({ bucket }) => bucket === name);
    expect(first('4x3x2|8|8x8')).toMatchObject({ generations: 3, rows: 5 });
    expect(first('4x3x2|16|16x8')).toMatchObject({ generations: 2, rows: 3 });
    for (const [i, request] of requests.entries()) {
      expect(latents[i]).toEqual((await run([request])).latents[0]);
    }
  });

  it("what the text encoder's own mask leaves out does not count", async () => {
    const long = text(5).encoder_hidden_states as Tensor<'float32'>;
    const short = { encoder_hidden_states: tensor('float32', [1, 3, 8], long.data.slice(0, 24)) };
    const masked = {
      encoder_hidden_states: long,
      encoder_attention_mask: tensor('int64', [1, 5], BigInt64Array.of(1n, 1n, 1n, 0n, 0n)),
    };
    const model = maskedModel(session);
    const { encoder_attention_mask: maskShape = [] } = session.inputShapes;
    const masking = { ...model, conditioningShapes: { ...model.conditioningShapes, encoder_attention_mask: maskShape } };
    const request = maskedRequest({ guidanceScale: 1 });
    const { latents, batches } = await run([{ ...request, conditioning: masked }], masking);
    expect(latents).toEqual((await run([{ ...request, conditioning: short }])).latents);
    // 6 tokens of the image and 8 of the text, of which 5 are masked.
    expect((batches[0] as BatchEvent).paddingMs).toBeCloseTo(((batches[0] as BatchEvent).kernelMs * 5) / 14, 12);
  });

  it('what padding takes is told for each pass', async () => {
    // Rows of 3, 1, 7 and 2 tokens, padded to 8, each beside 6 tokens of the image.
    const { batches } = await run([maskedRequest(), maskedRequest({ conditioning: text(7), negativeConditioning: text(2) })]);
    for (const { paddingMs, kernelMs } of batches) {
      expect(paddingMs).toBeCloseTo((kernelMs * (5 + 7 + 1 + 6)) / (4 * 14), 12);
    }
    const exact = await run([maskedRequest({ conditioning: text(8), negativeConditioning: text(8) })]);
    expect(exact.batches.map(({ paddingMs }) => paddingMs)).toEqual(Array(5).fill(0));
  });

  it('a checkpoint goes on to the same bits, but not with another granularity', async () => {
    const request = maskedRequest({ conditioning: text(7), checkpointEvery: 2 });
    const { latents, events } = await run([request]);
    const resume = events[0]?.find((event) => event.kind === 'checkpoint')?.checkpoint as Uint8Array;
    const resumed = await run([{ ...request, resume }, maskedRequest({ seed: 8 })]);
    expect(resumed.events[0]?.[0]).toEqual({ kind: 'resume', resumed: true, step: 2 });
    expect(resumed.latents[0]).toEqual(latents[0]);
    const wider = await run([{ ...request, resume }], maskedModel(session, { ...maskedPadding, granularity: 16 }));
    expect(wider.events[0]?.[0]).toEqual({ kind: 'resume', resumed: false, refusal: 'other_request' });
  });

  it('a poisoned prompt ends its own generation, however long its company is', async () => {
    const huge = { encoder_hidden_states: tensor('float32', [1, 2, 8], new Float32Array(16).fill(3e38)) };
    const { latents, batches } = await run([maskedRequest(), maskedRequest({ conditioning: huge })]);
    expect(batches[0]?.generations).toBe(2);
    expect(latents[1]).toMatchObject({ code: 'internal', message: 'the latents are not finite after 1 of 5 steps' });
    expect(latents[0]).toEqual((await run([maskedRequest()])).latents[0]);
  });
});

describe('warm-up', () => {
  it('finds that padded samples change no bits in batches, and knows a longer text to cost more', async () => {
    const model = maskedModel(session);
    const costs = new CostModel();
    expect(await warmUp(model, costs, [{ width: 16, height: 16 }])).toBe(true);
    const bucket = costs.table[0]?.bucket as string;
    expect(bucket).toBe('4x2x2|8|8x8');
    // 4 tokens of the image and 8 of the text cost half of 4 and 20.
    costs.open('longer', (16 * (4 + 20)) / 4, 64);
    expect(costs.passMs('longer', 1)).toBeCloseTo(2 * costs.passMs(bucket, 1), 9);
  });
});

describe('what can not be padded', () => {
  const shapes = { encoder_hidden_states: ['batch', 'sequence_length', 8], encoder_attention_mask: ['batch', 'sequence_length'] };
  const mask = (length: number) => tensor('int64', [1, length], new BigInt64Array(length).fill(1n));

  it.each([
    [
      'encoder_hidden_states and encoder_attention_mask must be of one length, at least 1, not 3 and 4',
      { ...text(3), encoder_attention_mask: mask(4) },
    ],
    [
      'encoder_hidden_states and encoder_attention_mask must be of one length, at least 1, not 0 and 0',
      { ...text(0), encoder_attention_mask: mask(0) },
    ],
    [
      'encoder_attention_mask must be int64 of shape [1, sequence_length], not float32 of [1, 3]',
      { ...text(3), encoder_attention_mask: tensor('float32', [1, 3], new Float32Array(3)) },
    ],
  ])('is refused: %s', (message, conditioning) => {
    expect(() => checkConditioning(conditioning, shapes, maskedPadding)).toThrow(
      expect.objectContaining({ param: 'conditioning', message }),
    );
  });

  it('is a graph of one length', () => {
    checkPadding(maskedPadding, session.inputShapes);
    expect(() => checkPadding(maskedPadding, { ...shapes, encoder_hidden_states: ['batch', 77, 8] })).toThrow(
      expect.objectContaining({ code: 'model_damaged', message: expect.stringContaining('encoder_hidden_states') }),
    );
  });
});
