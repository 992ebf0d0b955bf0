import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import { matMulGraph } from '../graph/matmul-graph.fixture.js';
import { OnnxSession } from './onnx-session.js';

const graph = (component: string) => fileURLToPath(new URL(`../../../../models/pocket/${component}/model.onnx`, import.meta.url));

describe('OnnxSession', () => {
  it('runs a graph and says how long its kernels took', async () => {
    const session = await OnnxSession.load({ path: graph('vae_encoder'), threads: 1 });
    try {
      expect(session.inputNames).toEqual(['sample']);
      const sample = tensor('float32', [1, 3, 64, 64], new Float32Array(3 * 64 * 64));
      const { outputs, kernelMs } = await session.run({ sample });
      expect(outputs.latent_parameters?.shape.slice(2)).toEqual([4, 4]);
      expect(kernelMs).toBeGreaterThan(0);
      expect(sample.data.length).toBe(0);
      const wrong = session.run({ sample: tensor('float32', [1], new Float32Array(1)) });
      await expect(wrong).rejects.toMatchObject({ code: 'internal', message: expect.stringContaining('sample') });
    } finally {
      await session.close();
    }
  });

  it('takes and gives float32 where a graph has float16', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'half-'));
    const path = join(folder, 'model.onnx');
    // 1, 2, 3 and 4 in half precision.
    const weights = new Uint8Array(Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400).buffer);
    await writeFile(path, matMulGraph({ type: 'float16', weightShape: [2, 2], weights }));
    const session = await OnnxSession.load({ path, threads: 1 });
    const { outputs } = await session.run({ x: tensor('float32', [1, 2], Float32Array.of(1, 0.1)) });
    // The half nearest to 0.1 is 0.0999755859375: 1.2999267578125 and 2.39990234375, rounded to multiples of 2^-10 and 2^-9.
    expect(outputs.y).toEqual({ dataType: 'float32', shape: [1, 2], data: Float32Array.of(1331 / 1024, 1229 / 512) });
    await session.close();
    await rm(folder, { recursive: true });
  });

  it('refuses a file that is no graph', async () => {
    await expect(OnnxSession.load({ path: fileURLToPath(import.meta.url), threads: 1 })).rejects.toMatchObject({
      code: 'model_damaged',
    });
  });
});
