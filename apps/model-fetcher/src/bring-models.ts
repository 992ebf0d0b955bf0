import { mkdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '@darkroom/service-kit';
import { verifyFolder } from './digests.js';
import type { ModelCache } from './model-cache.js';
import type { ModelSource } from './model-source.js';

/**
 * Makes each model available in a folder, under its name: as a link to the cache, or to where it lies already.
 *
 * @throws {Error} Thrown when one of them can't be had or is damaged; there is no link to it then.
 */
export async function bringModels(
  sources: readonly ModelSource[],
  modelsDir: string,
  cache: ModelCache,
  log: Log,
): Promise<void> {
  await mkdir(modelsDir, { recursive: true });
  for (const source of sources) {
    const started = performance.now();
    const folder = source.in_place ? fileURLToPath(source.from) : await cache.folderOf(source);
    if (source.in_place) await verifyFolder(folder, source);
    // A link that is there is replaced in one step, so that nobody meets a model that is missing.
    const draft = join(modelsDir, `.${source.name}`);
    await rm(draft, { force: true });
    await symlink(folder, draft);
    await rename(draft, join(modelsDir, source.name));
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    log.info(`model ${source.name} is there`, { from: source.from, digest: source.digest, seconds });
  }
}
