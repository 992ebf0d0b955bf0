import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type * as OnnxRuntime from 'onnxruntime-node';
import { PipelineError } from '../pipeline-error.js';

/** What runs a graph's kernels: the CPU, an NVIDIA GPU by CUDA, or an NVIDIA GPU by TensorRT. */
export type ExecutionProvider = 'cpu' | 'cuda' | 'tensorrt';

/** Which provider a session asks for, and what it tells it; ONNX Runtime for Node takes no more of a provider's own options. */
export interface ProviderOptions {
  /** The CPU unless given. One that this machine lacks is an error: none takes another's place. */
  readonly provider?: ExecutionProvider | undefined;
  /** Which of several GPUs, 0 unless given; for cuda and tensorrt. */
  readonly deviceId?: number | undefined;
  /**
   * Bytes that what ONNX Runtime places on the GPU may take, by its own estimate from the weights; the nodes that don't fit stay on the CPU.
   * For cuda. It limits neither activations nor what the provider's allocator reserves for them.
   */
  readonly deviceMemoryLimitBytes?: number | undefined;
}

/** The libraries that a provider needs beside ONNX Runtime's own, which are too large for the npm package. */
const libraries: Readonly<Record<ExecutionProvider, readonly string[]>> = {
  cpu: [],
  cuda: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'],
  // What TensorRT has no kernel for runs on CUDA.
  tensorrt: ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_tensorrt.so', 'libonnxruntime_providers_cuda.so'],
};

/**
 * The smallest graph that shows that a provider computes: y = x + x, float32 [1], opset 17 (the bytes of a ModelProto).
 */
const probe = Buffer.from('CAg6OQoOCgF4CgF4EgF5IgNBZGQSBXByb2JlWg8KAXgSCgoICAESBAoCCAFiDwoBeRIKCggIARIECgIIAUICEBE=', 'base64');

/** Translates provider and limits to ONNX Runtime's session options. */
export function providerSessionOptions({ provider = 'cpu', deviceId = 0, deviceMemoryLimitBytes }: ProviderOptions): Pick<
  OnnxRuntime.InferenceSession.SessionOptions,
  'executionProviders'
> & {
  session: Record<string, string>;
} {
  if (provider === 'cpu') {
    return { executionProviders: ['cpu'], session: {} };
  }
  const cuda = { name: 'cuda', deviceId };
  return {
    executionProviders: provider === 'cuda' ? [cuda] : [{ name: 'tensorrt', deviceId }, cuda],
    session: {
      // Reductions on a GPU add in whatever order is quickest, unless told not to.
      use_deterministic_compute: '1',
      ...(deviceMemoryLimitBytes !== undefined && {
        // A limit in KiB, and the name of a file with measurements, of which there is none.
        resource_cuda_partitioning_settings: `${Math.floor(deviceMemoryLimitBytes / 1024)},`,
      }),
    },
  };
}

/**
 * Makes sure that options fit their provider.
 *
 * @throws PipelineError `invalid_argument` for "device_id" or "device_memory_limit_bytes" that the provider doesn't know.
 */
export function checkProviderOptions({ provider = 'cpu', deviceId, deviceMemoryLimitBytes }: ProviderOptions): void {
  if (provider === 'cpu' && deviceId !== undefined) {
    throw PipelineError.invalidArgument('device_id', 'a device id is for cuda and tensorrt, not for cpu');
  }
  if (provider !== 'cuda' && deviceMemoryLimitBytes !== undefined) {
    throw PipelineError.invalidArgument('device_memory_limit_bytes', `a device memory limit is for cuda, not for ${provider}`);
  }
}

/**
 * Tries a provider on this thread, by adding two numbers on it.
 *
 * @throws PipelineError `provider_unavailable` saying what is missing, and what there is instead.
 */
export async function tryProvider(runtime: typeof OnnxRuntime, options: ProviderOptions): Promise<void> {
  const { provider = 'cpu' } = options;
  const folder = libraryFolder();
  const missing = (name: ExecutionProvider) => libraries[name].filter((library) => !existsSync(resolve(folder, library)));
  const installed = (Object.keys(libraries) as ExecutionProvider[]).filter((name) => missing(name).length === 0).join(', ');
  if (missing(provider).length > 0) {
    const files = missing(provider).join(', ');
    throw unavailable(
      provider,
      `${folder} lacks ${files}, which the install script of onnxruntime-node fetches; available: ${installed}`,
    );
  }
  try {
    const { session: settings, ...providers } = providerSessionOptions(options);
    const session = await runtime.InferenceSession.create(probe, { ...providers, extra: { session: settings } });
    const { y } = await session.run({ x: new runtime.Tensor('float32', Float32Array.of(1), [1]) });
    await session.release();
    if (y?.data[0] !== 2) {
      throw new Error(`it says that 1 + 1 is ${y?.data[0]}`);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unavailable(provider, `${reason}; its libraries are installed for: ${installed}`, error);
  }
}

/** Where ONNX Runtime looks for its providers' libraries: beside its own, which the npm package carries. */
function libraryFolder(): string {
  const main = createRequire(import.meta.url).resolve('onnxruntime-node');
  return resolve(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
}

function unavailable(provider: ExecutionProvider, reason: string, cause?: unknown): PipelineError {
  return new PipelineError('provider_unavailable', `ONNX Runtime can't run ${provider} on this machine: ${reason}`, { cause });
}
