import type * as OnnxRuntime from 'onnxruntime-node';

/**
 * Loads ONNX Runtime into this thread.
 *
 * Node 24 has a Float16Array, which ONNX Runtime 1.30 takes for its own and then can't fill; without it, the runtime falls
 * back to the raw bits in a Uint16Array. Only this worker thread's global is removed.
 */
export async function loadOnnxRuntime(): Promise<typeof OnnxRuntime> {
  delete (globalThis as { Float16Array?: unknown }).Float16Array;
  const module = (await import('onnxruntime-node')) as unknown as { default?: typeof OnnxRuntime };
  // The package is CommonJS: its named exports are not all seen by Node's static analysis.
  return module.default ?? (module as unknown as typeof OnnxRuntime);
}

/** Returns the version of ONNX Runtime, for receipts. */
export async function runtimeVersion(): Promise<string> {
  const { env } = await loadOnnxRuntime();
  return env.versions.node ?? env.versions.common;
}
