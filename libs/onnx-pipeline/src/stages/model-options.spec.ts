/** Stages of the pocket model as configuration may ask for them: another precision, sizes to warm up. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gaussianNoise } from '@darkroom/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckpointEvent, ResumeEvent } from '../engine/events.js';
import { ModelFolder } from '../model-folder.js';
import { Denoiser } from './denoiser.js';

const pocket = fileURLToPath(new URL('../../../../models/pocket', import.meta.url));
const timeout = 60_000;

/** A copy with an fp16 transformer besides: pocket's own, whose weights are half-precision and whose inputs and outputs are not. */
let copy: ModelFolder;
beforeAll(async () => {
  const path = await mkdtemp(join(tmpdir(), 'fp16-model-'));
  await cp(pocket, path, { recursive: true });
  await cp(join(path, 'transformer/model.onnx'), join(path, 'transformer/model_fp16.onnx'));
  const { files } = JSON.parse(await readFile(join(path, 'digests.json'), 'utf8'));
  files['transformer/model_fp16.onnx'] = files['transformer/model.onnx'];
  await writeFile(join(path, 'digests.json'), JSON.stringify({ files }));
  copy = await ModelFolder.open(path);
});
afterAll(() => rm(copy.path, { recursive: true }));

const request = {
  seed: 7,
  steps: 4,
  guidanceScale: 1,
  width: 64,
  height: 64,
  conditioning: { encoder_hidden_states: gaussianNoise(1, [1, 8, 256]), pooled_projections: gaussianNoise(2, [1, 256]) },
};

describe('fp16', () => {
  it('runs the model_fp16 graph, says so, and leaves checkpoints of fp32 alone', { timeout }, async () => {
    const full = await Denoiser.load(copy, { threads: 1, deterministic: true });
    const half = await Denoiser.load(copy, { threads: 1, deterministic: true, precision: 'fp16' });
    expect(full.execution).toEqual({ provider: 'cpu', precision: 'fp32' });
    expect(half.execution).toEqual({ provider: 'cpu', precision: 'fp16' });

    const checkpoints: Uint8Array[] = [];
    const onCheckpoint = ({ checkpoint }: CheckpointEvent) => void checkpoints.push(checkpoint);
    const expected = await full.denoise({ ...request, checkpointEvery: 2 }, { onCheckpoint });
    const resumes: ResumeEvent[] = [];
    const again = { ...request, resume: checkpoints[0] };
    const { latents } = await half.denoise(again, { onResume: (event) => resumes.push(event) });
    expect(latents).toEqual(expected.latents);
    await full.denoise(again, { onResume: (event) => resumes.push(event) });
    expect(resumes).toEqual([
      { resumed: false, refusal: 'other_model' },
      { resumed: true, step: 2 },
    ]);
    await expect(half.denoise({ ...request, firstBlockCache: 0.1 })).rejects.toMatchObject({
      code: 'invalid_argument',
      param: 'first_block_cache',
      message: expect.stringContaining('fp16'),
    });
    await Promise.all([full.close(), half.close()]);
  });

  it('is refused where the model has none, naming the graph', async () => {
    await expect(Denoiser.load(await ModelFolder.open(pocket), { threads: 1, precision: 'fp16' })).rejects.toMatchObject({
      code: 'model_damaged',
      message: 'model pocket has no fp16 graph: transformer/model_fp16.onnx is not in digests.json',
    });
  });
});

describe('warm-up sizes', () => {
  it('are measured besides the smallest', { timeout }, async () => {
    const warmUpSizes = [{ width: 96, height: 64 }];
    const denoiser = await Denoiser.load(await ModelFolder.open(pocket), { threads: 1, batchRows: 1, warmUpSizes });
    const buckets = (await denoiser.costs()).map(({ bucket }) => bucket);
    expect([...new Set(buckets)]).toEqual(['16x4x4|8x256|256', '16x4x6|8x256|256']);
    await denoiser.close();
  });

  it('are refused where the model makes no such image', async () => {
    const options = { threads: 1, warmUpSizes: [{ width: 100, height: 64 }] };
    await expect(Denoiser.load(await ModelFolder.open(pocket), options)).rejects.toMatchObject({
      code: 'invalid_argument',
      param: 'warm_up_sizes',
      message: expect.stringContaining('warm-up size 100x64'),
    });
  });
});
