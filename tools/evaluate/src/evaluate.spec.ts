/** The whole evaluation on the real model and the real judge, as small as it gets. */
import { fileURLToPath } from 'node:url';
import type { RgbImage } from '@darkroom/onnx-pipeline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kinds } from './captions.js';
import { type EvaluateContext, evaluate, readScenes } from './evaluate.js';
import { Judge } from './judge.js';

let judge: Judge;
let scenes: readonly RgbImage[];
beforeAll(async () => {
  scenes = (await readScenes()).slice(0, 2).map(({ picture }) => picture);
  judge = await Judge.load(1);
});
afterAll(() => judge.close());

const context = (overrides: Partial<EvaluateContext> = {}): EvaluateContext => ({
  modelPath: fileURLToPath(new URL('../../../models/pocket', import.meta.url)),
  options: { perKind: 1, steps: 1, guidance: 4, seeds: 2 },
  side: 64,
  scenes,
  judge,
  threads: 2,
  signal: new AbortController().signal,
  ...overrides,
});

describe('evaluate', () => {
  it('gives the same figures and the same grid each time', async () => {
    const progress: number[] = [];
    const first = await evaluate(context({ onProgress: (done) => progress.push(done) }));
    expect(progress).toEqual(Array.from({ length: 5 + 5 * 2 }, (_, i) => i + 1));
    expect(first.report).toMatchObject({
      model: 'pocket',
      judge: judge.digest,
      pictures: 5,
      diversity: { captions: 5, seeds: 2 },
    });
    for (const kind of kinds) expect(first.report.alignment[kind].everything?.asked).toBe(1);
    expect(first.report.reconstructionPsnr).toBeGreaterThan(10);
    expect(await evaluate(context())).toEqual(first);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const stopped = evaluate(context({ signal: controller.signal, onProgress: () => controller.abort() }));
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  });
});
