import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.js';

/** Where what takes long to make and is always the same is kept from one run to the next. */
const kept = fileURLToPath(new URL('../../../node_modules/.cache/darkroom', import.meta.url));

/** Makes a temporary folder that a control plane can use as its state folder, and in which it finds an empty cluster. */
export async function stateFolder(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await placeEmptyCluster(join(folder.path, 'database'));
  return folder;
}

/**
 * Copies an empty cluster of the embedded PostgreSQL to a folder that is not there yet, as a control plane would make one: to make one
 * takes seconds of WebAssembly, and is what the specs of that alone are about.
 */
export async function placeEmptyCluster(folder: string): Promise<void> {
  await cp(await emptyCluster(), folder, { recursive: true });
  await chmod(folder, 0o700);
}

async function emptyCluster(): Promise<string> {
  const pglite = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), '../package.json');
  const { version } = JSON.parse(await readFile(pglite, 'utf8')) as { version: string };
  const cluster = join(kept, `empty-cluster-${version}`);
  if (existsSync(cluster)) return cluster;
  await mkdir(kept, { recursive: true });
  const draft = await mkdtemp(`${cluster}.creating-`);
  const { PGlite } = await import('@electric-sql/pglite');
  await (await PGlite.create({ dataDir: draft })).close();
  // Another worker may have been quicker.
  await rename(draft, cluster).catch(() => rm(draft, { recursive: true }));
  return cluster;
}
