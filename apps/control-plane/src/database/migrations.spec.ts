import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgresServer, type TemporaryFolder, temporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { migrationsFolder, type OpenDatabase, type Queries } from './database.js';
import { loadPglite, loadPostgres, sql } from './drizzle.js';
import { openPglite } from './pglite.js';
import { openPostgres } from './postgres.js';
import { apiKeys, tenants, usageLedger } from './schema.js';

let folder: TemporaryFolder;
/** The migrations as they were when there was only the first one. */
let firstMigrations: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  firstMigrations = join(folder.path, 'migrations');
  await mkdir(join(firstMigrations, 'meta'), { recursive: true });
  await cp(join(migrationsFolder, '0000_initial.sql'), join(firstMigrations, '0000_initial.sql'));
  const journal = JSON.parse(await readFile(join(migrationsFolder, 'meta/_journal.json'), 'utf8')) as { entries: unknown[] };
  const first = { ...journal, entries: journal.entries.slice(0, 1) };
  await writeFile(join(firstMigrations, 'meta/_journal.json'), JSON.stringify(first));
});
afterAll(() => folder.remove());

/** Enters a generation as the version did that knew of no outcomes. */
async function enterOldUsage(queries: Queries): Promise<void> {
  await queries.execute(sql`insert into tenants (id, name) values ('ten_1', 'old')`);
  await queries.execute(
    sql`insert into api_keys (id, tenant_id, name, secret_hash, prefix) values ('key_1', 'ten_1', 'old', 'hash', 'dk_')`,
  );
  await queries.execute(sql`
    insert into usage_ledger (generation_id, tenant_id, key_id, model, image_count, width, height, steps, guidance_passes,
      compute_units, kernel_ms) values ('gen_1', 'ten_1', 'key_1', 'pocket', 1, 64, 64, 20, 2, 163840, 1.5)`);
}

/** Prepares a database of the first version, and returns what opens it with this one. */
type Prepare = () => Promise<{ open: () => Promise<OpenDatabase>; dispose: () => Promise<void> }>;

const databases: [string, Prepare][] = [
  [
    'PGlite',
    async () => {
      const { PGlite, drizzle, migrate } = loadPglite();
      const data = join(folder.path, 'database');
      const client = await PGlite.create({ dataDir: data });
      const queries = drizzle({ client });
      await migrate(queries, { migrationsFolder: firstMigrations });
      await enterOldUsage(queries);
      await client.close();
      return { open: () => openPglite(data), dispose: async () => {} };
    },
  ],
  [
    'PostgreSQL',
    async () => {
      const { pg, drizzle, migrate } = loadPostgres();
      const server = await startPostgresServer();
      // It listens a moment before it lets anyone in.
      const client = await vi.waitFor(
        async () => {
          const candidate = new pg.Client({ connectionString: server.url });
          await candidate.connect();
          return candidate;
        },
        { timeout: 20_000 },
      );
      const queries = drizzle({ client });
      await migrate(queries, { migrationsFolder: firstMigrations });
      await enterOldUsage(queries);
      await client.end();
      return { open: () => openPostgres(server.url), dispose: () => server.dispose() };
    },
  ],
];

describe.each(databases)('a database of the first version, in %s', (_name, prepare) => {
  it('is kept: what is in its ledger has succeeded, its keys may do everything, its tenants have no limits', {
    timeout: 60_000,
  }, async () => {
    const { open, dispose } = await prepare();
    const database = await open();
    expect(await database.queries.select().from(usageLedger)).toMatchObject([
      { generationId: 'gen_1', outcome: 'succeeded', evaluations: 0, computeUnits: 163_840 },
    ]);
    expect(await database.queries.select().from(apiKeys)).toMatchObject([
      { id: 'key_1', scopes: ['generate', 'read', 'usage', 'webhooks'], expiresAt: null, requestsPerMinute: null },
    ]);
    const none = { weight: null, requestsPerMinute: null, computeUnitsPerMinute: null, concurrentGenerations: null };
    expect(await database.queries.select().from(tenants)).toMatchObject([{ id: 'ten_1', ...none, models: null, defaults: null }]);
    await database.close();
    await dispose();
  });
});
