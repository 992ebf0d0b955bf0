import { createRequire } from 'node:module';

// Drizzle's ES modules import each other in circles, which Node 24 links at the cost of 200 MB and half a second. Its CommonJS
// build has the same interface and costs 22 MB and a tenth of the time; the types are those of the ES modules.
const load = createRequire(import.meta.url);

const core = load('drizzle-orm/pg-core') as typeof import('drizzle-orm/pg-core');
const operators = load('drizzle-orm') as typeof import('drizzle-orm');

export const { bigint, boolean, customType, doublePrecision, index, integer, jsonb, pgTable, primaryKey, text, timestamp } = core;
export const { and, asc, count, desc, eq, exists, gt, gte, inArray, isNotNull, isNull, lt, lte, ne, or, sql, sum } = operators;

/** Loads Drizzle over PGlite, which is megabytes of WebAssembly and stays unloaded where PostgreSQL is used. */
export function loadPglite() {
  const { PGlite } = load('@electric-sql/pglite') as typeof import('@electric-sql/pglite');
  const { drizzle } = load('drizzle-orm/pglite') as typeof import('drizzle-orm/pglite');
  const { migrate } = load('drizzle-orm/pglite/migrator') as typeof import('drizzle-orm/pglite/migrator');
  return { PGlite, drizzle, migrate };
}

/** Loads Drizzle over node-postgres. */
export function loadPostgres() {
  const pg = load('pg') as typeof import('pg');
  const { drizzle } = load('drizzle-orm/node-postgres') as typeof import('drizzle-orm/node-postgres');
  const { migrate } = load('drizzle-orm/node-postgres/migrator') as typeof import('drizzle-orm/node-postgres/migrator');
  return { pg, drizzle, migrate };
}

/** A condition or another piece of a query. */
export type SQL = import('drizzle-orm').SQL;
