/** Worker program: tries an execution provider, in a thread of its own since the first use of a GPU may take seconds. */
import { type ProviderOptions, tryProvider } from '../session/execution-provider.js';
import { loadOnnxRuntime } from '../session/onnxruntime.js';
import { serve } from '../worker/serve.js';

await serve<Record<never, never>, ProviderOptions, undefined>(async (options) => {
  await tryProvider(await loadOnnxRuntime(), options);
  return { ready: undefined, handlers: {} };
});
