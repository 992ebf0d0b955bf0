import type { ModelOptions } from '@darkroom/onnx-pipeline';
import type { ConfigValues, executionVariables, modelVariables } from '@darkroom/service-kit';

/** What a service's configuration says of how models are run. */
export type ExecutionConfig = ConfigValues<typeof modelVariables & typeof executionVariables>;

/** Picks the engine's options out of a service's configuration. */
export function modelOptions(config: ExecutionConfig): ModelOptions {
  const { executionProvider, deviceId, deviceMemoryLimitBytes, precision, intraOpThreads } = config;
  return { provider: executionProvider, deviceId, deviceMemoryLimitBytes, precision, threads: intraOpThreads };
}
