import type { EngineOptions } from '@darkroom/onnx-pipeline';
import { ConfigError } from '@darkroom/service-kit';
import type { Config } from './config.js';

/**
 * Picks the step engine's options out of the configuration.
 *
 * @throws {ConfigError} Thrown when there is a memory limit for passes on a GPU: what a pass takes is measured by how much the process
 *   grows, which says nothing of a GPU's memory, and a limit that limits nothing would be worse than none.
 */
export function engineOptions(config: Config): EngineOptions {
  const { executionProvider, warmUpSizes = [], batchMemoryLimitBytes: memoryLimitBytes, batchRows, deterministic } = config;
  if (memoryLimitBytes !== undefined && executionProvider !== 'cpu') {
    throw new ConfigError(
      `BATCH_MEMORY_LIMIT_BYTES is for EXECUTION_PROVIDER=cpu: with ${executionProvider}, limit passes by BATCH_ROWS`,
    );
  }
  return { warmUpSizes, memoryLimitBytes, batchRows, deterministic };
}
