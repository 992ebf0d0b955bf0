import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { BackupManifest } from '@darkroom/contracts/admin';
import { PGlite } from '@electric-sql/pglite';
import { LocalError } from '../config.js';
import type { Backup } from './backup-file.js';

/**
 * Makes sure that this version knows every migration that a back-up's database has had.
 * @throws LocalError when a later version made it.
 */
export function assertKnownMigration(root: string, { migration }: BackupManifest): void {
  const journal = path.join(root, 'apps/control-plane/migrations/meta/_journal.json');
  const { entries } = JSON.parse(readFileSync(journal, 'utf8')) as { entries: { tag: string }[] };
  if (entries.some(({ tag }) => tag === migration)) return;
  throw new LocalError(
    `Its database is of a later version: it has had the migration ${migration}, and this version knows those up to ${entries.at(-1)?.tag}. Restore it with that version.`,
  );
}

/**
 * Unpacks a back-up's database into a folder that is not there yet, and counts its rows.
 * @throws LocalError when it doesn't hold what the manifest says; the folder is gone then.
 */
export async function unpackDatabase(folder: string, { database: archive, manifest }: Backup): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  try {
    const database = await PGlite.create({ dataDir: folder, loadDataDir: new Blob([new Uint8Array(archive)]) });
    try {
      for (const [table, count] of Object.entries(manifest.rows)) {
        const quoted = `"${table.replaceAll('"', '""')}"`;
        const { rows } = await database.query<{ count: number }>(`select count(*)::int as count from ${quoted}`);
        const found = rows[0]?.count;
        if (found !== count)
          throw new LocalError(`Its database has ${found} rows in ${table}, where the manifest says ${count}.`);
      }
    } finally {
      await database.close();
    }
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    if (cause instanceof LocalError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LocalError(`Its database, of PostgreSQL ${manifest.postgres}, can't be opened: ${reason}`, { cause });
  }
}
