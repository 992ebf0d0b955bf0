import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { migrationsFolder, type OpenDatabase } from './database.js';
import { loadPglite } from './drizzle.js';
import { dumpDatabase } from './dump.js';
import { lockFolder } from './folder-lock.js';

// A ledger of one machine needs no large cache: with PostgreSQL's default of 128 MB the process takes 160 MB more.
const SETTINGS = ['shared_buffers=4MB', 'wal_buffers=256kB', 'max_connections=5'];

// What --liftoff-only implies at the command line. The optimizing compiler's second copy of PostgreSQL's code would take 50 MB for
// good and several times that while it is made, and gain nothing at this load.
const BASELINE_COMPILER_ONLY = ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

/** Opens the PostgreSQL that runs inside this process, with its data in a folder, creating it on first use. */
export async function openPglite(folder: string): Promise<OpenDatabase> {
  for (const flag of BASELINE_COMPILER_ONLY) setFlagsFromString(flag);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const unlock = await lockFolder(folder);
  try {
    if (!existsSync(join(folder, 'PG_VERSION'))) await createCluster(folder);
    const { PGlite, drizzle, migrate } = loadPglite();
    const client = await PGlite.create({
      dataDir: folder,
      startParams: [...PGlite.defaultStartParams, ...SETTINGS.flatMap((setting) => ['-c', setting])],
    });
    const queries = drizzle({ client });
    await migrate(queries, { migrationsFolder });
    return {
      queries,
      dump: () => dumpDatabase(client),
      close: async () => {
        await client.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Runs PostgreSQL's initdb in a process of its own: it leaves 300 MB behind that a service shouldn't carry for life. */
async function createCluster(folder: string): Promise<void> {
  const script = new URL(`./create-cluster${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
  const child = fork(fileURLToPath(script), [folder], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--liftoff-only'],
  });
  const [status] = (await once(child, 'exit')) as [number | null];
  if (status !== 0) throw new Error(`the database folder ${folder} can't be created`);
}
