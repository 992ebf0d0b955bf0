import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  makeCertificateAuthority,
  type PostgresServer,
  startPostgresServer,
  type TemporaryFolder,
  temporaryFolder,
} from '@darkroom/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sql } from './drizzle.js';
import { openPostgres } from './postgres.js';

let folder: TemporaryFolder;
let server: PostgresServer;
const file = (name: string) => join(folder.path, name);
beforeAll(async () => {
  folder = await temporaryFolder();
  const [authority, stranger] = await Promise.all([makeCertificateAuthority(), makeCertificateAuthority()]);
  const { certificate, key } = await authority.issue();
  const files = { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': authority.certificate, 'other.crt': stranger.certificate };
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(file(name), content)));
  server = await startPostgresServer({ certificate: file('tls.crt'), key: file('tls.key') });
});
afterAll(async () => {
  await server.dispose();
  await folder.remove();
});

it('a PostgreSQL is talked to over TLS with sslmode=verify-full, if the authority in sslrootcert has issued its certificate', async () => {
  const url = (authority: string) => `${server.url}?sslmode=verify-full&sslrootcert=${encodeURIComponent(file(authority))}`;
  // It listens a moment before it lets anyone in.
  const database = await vi.waitFor(() => openPostgres(url('ca.crt')), { timeout: 20_000 });
  const answer = await database.queries.execute(sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`);
  expect(JSON.stringify(answer)).toContain('"ssl":true');
  await database.close();
  await expect(openPostgres(url('other.crt'))).rejects.toThrow(/certificate/);
});
