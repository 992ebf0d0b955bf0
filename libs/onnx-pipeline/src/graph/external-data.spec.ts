/** Graphs with weights in files of their own, as ONNX Runtime runs them. */
import { mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tensor } from '@darkroom/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OnnxSession } from '../session/onnx-session.js';
import { SelfTrimmingSession } from '../session/self-trimming-session.js';
import { externalDataFiles } from './external-data.js';
import { matMulGraph } from './matmul-graph.fixture.js';

const weights = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const graph = (location: string) => matMulGraph({ type: 'float32', weightShape: [2, 2], weights: { location, length: 16 } });
const ones = () => ({ x: tensor('float32', [1, 2], Float32Array.of(1, 1)) });

let folder: string;
let path: string;
let data: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'external-data-'));
  path = join(folder, 'model.onnx');
  data = join(folder, 'model.onnx_data');
  await writeFile(path, graph('model.onnx_data'));
  await writeFile(data, weights(1, 2, 3, 4));
});
afterEach(() => rm(folder, { recursive: true }));

describe('externalDataFiles', () => {
  it('lists what a graph names', () => {
    expect(externalDataFiles(path)).toEqual(['model.onnx_data']);
  });

  it('skips weights inside the graph, however large', async () => {
    const inside = new Uint8Array(4 * 512 * 512);
    await writeFile(path, matMulGraph({ type: 'float32', weightShape: [512, 512], weights: inside }));
    expect(externalDataFiles(path)).toEqual([]);
    expect(
      externalDataFiles(fileURLToPath(new URL('../../../../models/pocket/transformer/model.onnx', import.meta.url))),
    ).toEqual([]);
  });

  it('finds nothing in what is no graph, or not all of one', async () => {
    expect(externalDataFiles(fileURLToPath(import.meta.url))).toEqual([]);
    await truncate(path, 60);
    expect(externalDataFiles(path)).toEqual([]);
  });
});

describe('a session', () => {
  it('runs with weights from the file beside its graph', async () => {
    const session = await OnnxSession.load({ path, threads: 1 });
    expect((await session.run(ones())).outputs.y?.data).toEqual(Float32Array.of(4, 6));
    await session.close();
  });

  it.each([
    ['missing', () => rm(data)],
    ['too short', () => truncate(data, 8)],
  ])('is refused when that file is %s, naming the graph', async (_, damage) => {
    await damage();
    await expect(OnnxSession.load({ path, threads: 1 })).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringMatching(/model\.onnx: .*weights/),
    });
  });

  it('is refused when the graph names a file outside its folder', async () => {
    await writeFile(path, graph('../model.onnx_data'));
    await expect(OnnxSession.load({ path, threads: 1 })).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringContaining('../model.onnx_data'),
    });
  });

  it('keeps the weights it loaded when others have taken their place on disk', async () => {
    const policy = { allowanceBytes: Number.NEGATIVE_INFINITY, idleMs: 10 };
    const session = await SelfTrimmingSession.load(path, { threads: 1 }, policy);
    await writeFile(join(folder, 'new'), weights(5, 6, 7, 8));
    await rename(join(folder, 'new'), data);
    await session.run(ones());
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await session.run(ones())).outputs.y?.data).toEqual(Float32Array.of(4, 6));
  });
});
