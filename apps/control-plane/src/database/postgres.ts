import { migrationsFolder, type OpenDatabase } from './database.js';
import { loadPostgres } from './drizzle.js';

// Any number: it only has to be the same in every control plane.
const MIGRATION_LOCK = 0x6461726b;

/** Opens a PostgreSQL server by its address and brings its schema up to date. */
export async function openPostgres(url: string): Promise<OpenDatabase> {
  const { pg, drizzle, migrate } = loadPostgres();
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    application_name: 'darkroom-control-plane',
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => undefined);
  try {
    const client = await pool.connect();
    try {
      // Several control planes may start at once; one migrates, the others wait and find it done.
      await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
      await migrate(drizzle({ client }), { migrationsFolder });
      await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    } finally {
      client.release();
    }
    return { queries: drizzle({ client: pool }), close: () => pool.end() };
  } catch (error) {
    await pool.end();
    throw error;
  }
}
