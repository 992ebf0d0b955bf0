import type { PGlite, Transaction } from '@electric-sql/pglite';

/** A whole embedded database as it was at one moment. */
export interface DatabaseDump {
  /** Its folder, a gzipped tar file. */
  readonly folder: Blob;
  readonly postgres: string;
  /** When its last migration was written, as the journal of migrations has it. */
  readonly migratedAt: number;
  readonly rows: Readonly<Record<string, number>>;
  readonly audit: { readonly entries: number; readonly hash: string };
}

/**
 * Copies an open database while everybody else's queries wait.
 *
 * What was committed is in the folder, if only in the write-ahead log: whoever opens the copy recovers it, as after a crash.
 */
export async function dumpDatabase(client: PGlite): Promise<DatabaseDump> {
  return await client.transaction(async (transaction) => {
    // Less is left to recover.
    await transaction.exec('checkpoint');
    const one = async <Row>(query: string) => (await transaction.query<Row>(query)).rows[0] as Row;
    const { postgres } = await one<{ postgres: string }>(
      "select split_part(current_setting('server_version'), '.', 1) as postgres",
    );
    const { at } = await one<{ at: string }>('select max(created_at)::text as at from drizzle.__drizzle_migrations');
    const audit = await one<{ entries: number; hash: string }>(
      "select sequence::int as entries, encode(hash, 'hex') as hash from audit_head",
    );
    const rows = await countRows(transaction);
    return { folder: await client.dumpDataDir('gzip'), postgres, migratedAt: Number(at), rows, audit };
  });
}

async function countRows(transaction: Transaction): Promise<Record<string, number>> {
  const tables = await transaction.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' order by 1",
  );
  const counts: [string, number][] = [];
  for (const { name } of tables.rows) {
    const { rows } = await transaction.query<{ count: number }>(`select count(*)::int as count from "${name}"`);
    counts.push([name, rows[0]?.count ?? 0]);
  }
  return Object.fromEntries(counts);
}
