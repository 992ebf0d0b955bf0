// Started by openPglite as a process of its own: creates an empty PostgreSQL cluster in the folder that its argument names.
import { chmod, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';

const folder = process.argv[2];
if (folder === undefined) throw new Error('expected the folder as argument');

const { PGlite } = createRequire(import.meta.url)('@electric-sql/pglite') as typeof import('@electric-sql/pglite');
// Built beside and moved into place, so that a start that was interrupted leaves no half of a cluster.
const draft = `${folder}.creating`;
await rm(draft, { recursive: true, force: true });
const client = await PGlite.create({ dataDir: draft });
await client.close();
await chmod(draft, 0o700);
await rm(folder, { recursive: true, force: true });
await rename(draft, folder);
process.disconnect?.();
