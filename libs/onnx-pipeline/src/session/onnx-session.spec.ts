import { fileURLToPath } from 'node:url';
import { tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
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

  it('refuses a file that is no graph', async () => {
    await expect(OnnxSession.load({ path: fileURLToPath(import.meta.url), threads: 1 })).rejects.toMatchObject({
      code: 'model_damaged',
    });
  });
});
