import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkProvider } from './check-provider.js';
import { providerSessionOptions, tryProvider } from './execution-provider.js';
import { OnnxSession } from './onnx-session.js';
import { loadOnnxRuntime } from './onnxruntime.js';

const graph = fileURLToPath(new URL('../../../../models/pocket/vae_encoder/model.onnx', import.meta.url));
const binaries = join(createRequire(import.meta.url).resolve('onnxruntime-node'), '../../bin/napi-v6/linux/x64');

describe.skipIf(existsSync(join(binaries, 'libonnxruntime_providers_cuda.so')))(
  'where ONNX Runtime has its CPU provider alone',
  () => {
    it.each([
      ['cuda', 'libonnxruntime_providers_cuda.so'],
      ['tensorrt', 'libonnxruntime_providers_tensorrt.so'],
    ] as const)('%s is refused with what is missing and what there is', async (provider, library) => {
      const refusal = {
        code: 'provider_unavailable',
        message: expect.stringMatching(
          new RegExp(`^ONNX Runtime can't run ${provider} on this machine: .*${library}.*; available: cpu$`),
        ),
      };
      await expect(checkProvider({ provider })).rejects.toMatchObject(refusal);
      // A good graph doesn't become a damaged one, nor does the CPU step in.
      await expect(OnnxSession.load({ path: graph, threads: 1, provider, deviceId: 0 })).rejects.toMatchObject(refusal);
    });
  },
);

describe('a provider', () => {
  it('is tried by a sum', async () => {
    await tryProvider(await loadOnnxRuntime(), { provider: 'cpu' });
  });

  it.each([
    [{ deviceId: 1 }, 'device_id', 'a device id is for cuda and tensorrt, not for cpu'],
    [{ deviceMemoryLimitBytes: 2 ** 30 }, 'device_memory_limit_bytes', 'a device memory limit is for cuda, not for cpu'],
    [
      { provider: 'tensorrt', deviceMemoryLimitBytes: 2 ** 30 },
      'device_memory_limit_bytes',
      'a device memory limit is for cuda, not for tensorrt',
    ],
  ] as const)('refuses options that are not its own: %j', async (options, param, message) => {
    const refusal = { code: 'invalid_argument', param, message };
    await expect(checkProvider(options)).rejects.toMatchObject(refusal);
    await expect(OnnxSession.load({ path: graph, threads: 1, ...options })).rejects.toMatchObject(refusal);
  });

  it('is asked for alone; only TensorRT leaves to CUDA what it has no kernel for', () => {
    expect(providerSessionOptions({})).toEqual({ executionProviders: ['cpu'], session: {} });
    expect(providerSessionOptions({ provider: 'cuda', deviceId: 1, deviceMemoryLimitBytes: 3 * 2 ** 30 })).toEqual({
      executionProviders: [{ name: 'cuda', deviceId: 1 }],
      session: { use_deterministic_compute: '1', resource_cuda_partitioning_settings: '3145728,' },
    });
    expect(providerSessionOptions({ provider: 'tensorrt' })).toEqual({
      executionProviders: [
        { name: 'tensorrt', deviceId: 0 },
        { name: 'cuda', deviceId: 0 },
      ],
      session: { use_deterministic_compute: '1' },
    });
  });
});
