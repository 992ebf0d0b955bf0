import { fileURLToPath } from 'node:url';
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';
import { sql } from './drizzle.js';
import type { DatabaseDump } from './dump.js';

/** Drizzle's query builder, over whichever PostgreSQL there is. */
export type Queries = PgDatabase<PgQueryResultHKT>;

/** Where the SQL of every version of the schema lies; beside src and dist alike. */
export const migrationsFolder = fileURLToPath(new URL('../../migrations', import.meta.url));

/** An open, migrated database. */
export interface OpenDatabase {
  readonly queries: Queries;
  /** Copies the database as it is at this moment; absent where it is a server, which has means of its own. */
  dump?(): Promise<DatabaseDump>;
  close(): Promise<void>;
}

/** Says why a database doesn't answer, or undefined when it does. */
export async function databaseMissing({ queries }: OpenDatabase): Promise<string | undefined> {
  try {
    await queries.execute(sql`select 1`);
    return undefined;
  } catch {
    // The reason may quote the connection's address and user.
    return 'the database does not answer';
  }
}
