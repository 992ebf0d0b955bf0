import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';

/** The table in which Drizzle keeps which migrations a database has had. */
const MIGRATIONS_TABLE = `
create schema drizzle;
create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
`;

/** What one table of the catalogue is called. */
interface Table {
  readonly name: string;
}

/**
 * Writes a stopped embedded database as SQL that makes the same one: the migrations that it had, and its rows.
 *
 * @param root the checkout of the version whose database it is.
 */
export async function databaseScript(folder: string, root: string): Promise<string> {
  const database = await PGlite.create({ dataDir: folder });
  try {
    const tables = await database.query<Table>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname in ('public', 'drizzle') order by 1`,
    );
    const rows: string[] = [];
    for (const { name } of tables.rows) {
      const { rows: inserts } = await database.query<{ insert: string }>(
        `select format('insert into ${name} select * from jsonb_populate_record(null::${name}, %L);', to_jsonb(row)) as insert
         from ${name} as row`,
      );
      // Migrations enter rows too.
      rows.push(`delete from ${name};`, ...inserts.map(({ insert }) => insert));
    }
    return [
      // Keeps the triggers silent that refuse changes of the audit log, and foreign keys unchecked until all is there.
      'set session_replication_role = replica;',
      ...migrations(root),
      MIGRATIONS_TABLE.trim(),
      ...rows,
      "select setval('drizzle.__drizzle_migrations_id_seq', (select max(id) from drizzle.__drizzle_migrations));",
      'set session_replication_role = default;',
      '',
    ].join('\n');
  } finally {
    await database.close();
  }
}

/** Makes a database in a folder with a script of {@link databaseScript}. */
export async function makeDatabase(folder: string, script: string): Promise<void> {
  await mkdir(path.dirname(folder), { recursive: true, mode: 0o700 });
  const database = await PGlite.create({ dataDir: folder });
  try {
    await database.exec(script);
  } finally {
    await database.close();
  }
}

function migrations(root: string): string[] {
  const folder = path.join(root, 'apps/control-plane/migrations');
  const { entries } = JSON.parse(readFileSync(path.join(folder, 'meta/_journal.json'), 'utf8')) as { entries: { tag: string }[] };
  return entries.map(({ tag }) =>
    readFileSync(path.join(folder, `${tag}.sql`), 'utf8').replaceAll('--> statement-breakpoint', ''),
  );
}
