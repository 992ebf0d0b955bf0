import type { FolderCheckMethods, FolderCheckProgress, FolderCheckResult } from './programs/folder-check.js';
import { WorkerClient } from './worker/worker-client.js';

/** Who listens while a folder is checked, and what ends that early. */
export interface FolderCheckOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: FolderCheckProgress) => void) | undefined;
}

/**
 * Reads every file that a model folder's `digests.json` lists, as it is on disk now, and compares SHA-256.
 *
 * It is done in a thread of its own that rests between slices, so that kernels and event loops of the process lose little: for folders whose
 * model runs. Loading uses {@link ModelFolder.verify}, which is as fast as it can be.
 *
 * @throws PipelineError `model_damaged` when `digests.json` or `model_index.json` can't be read, `cancelled` when the signal fired.
 */
export async function checkFolder(path: string, { signal, onProgress }: FolderCheckOptions = {}): Promise<FolderCheckResult> {
  const { client } = await WorkerClient.start<FolderCheckMethods, undefined, undefined>('folder-check', undefined, 4);
  try {
    return await client.call('check', path, { signal, onEvent: onProgress });
  } finally {
    await client.close();
  }
}
