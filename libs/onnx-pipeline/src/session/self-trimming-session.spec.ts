import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tensor } from '@darkroom/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SelfTrimmingSession } from './self-trimming-session.js';

const graph = fileURLToPath(new URL('../../../../models/pocket/vae_encoder/model.onnx', import.meta.url));
const megabytes = () => process.memoryUsage.rss() / 2 ** 20;
const image = (side: number) => ({ sample: tensor('float32', [1, 3, side, side], new Float32Array(3 * side * side).fill(0.5)) });

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'self-trimming-'));
  path = join(folder, 'model.onnx');
  await copyFile(graph, path);
});
afterEach(() => rm(folder, { recursive: true }));

const load = () => SelfTrimmingSession.load(path, { threads: 1 }, { allowanceBytes: 64 * 2 ** 20, idleMs: 50 });

describe('SelfTrimmingSession', () => {
  it('gives back what a large input took once it is idle, and runs on as before', async () => {
    const session = await load();
    const small = (await session.run(image(64))).outputs;
    const before = megabytes();
    await session.run(image(2048));
    const grown = megabytes();
    expect(grown - before).toBeGreaterThan(100);
    await expect.poll(megabytes).toBeLessThan(grown - 100);
    expect((await session.run(image(64))).outputs).toEqual(small);
  });

  it('keeps the model it loaded when another has taken its place on disk', async () => {
    const session = await load();
    const small = (await session.run(image(64))).outputs;
    await writeFile(path, 'another model');
    await session.run(image(2048));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await session.run(image(64))).outputs).toEqual(small);
  });
});
