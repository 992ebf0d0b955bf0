import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type PostgresServer, startPostgresServer, temporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderChart } from './chart.js';
import { containersOf, podOf } from './kubernetes-object.js';

const run = promisify(execFile);

/** Debian keeps some of PostgreSQL's programs out of PATH. */
const debian = '/usr/lib/postgresql';
const programs = readdirSync(debian, { withFileTypes: true }).map(({ name }) => path.join(debian, name, 'bin'));
const environment = { ...process.env, PATH: [...programs, process.env['PATH']].join(path.delimiter) };

describe("the chart's back-up", async () => {
  const objects = await renderChart('ci/canary-values.yaml');
  const job = objects.find(({ kind }) => kind === 'CronJob');
  if (job === undefined) throw new Error('the chart makes no back-ups');
  const [dump] = containersOf(job);

  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: PostgresServer;
  beforeAll(async () => {
    [folder, server] = await Promise.all([temporaryFolder(), startPostgresServer()]);
    mkdirSync(path.join(folder.path, 'backup'));
  });
  afterAll(async () => {
    await server.dispose();
    await folder.remove();
  });

  const here = (text: string) => text.replaceAll('/backup', path.join(folder.path, 'backup'));
  const backUp = (url: string, keep: string) => {
    const [shell = '', ...args] = (dump?.command ?? []).map(here);
    return run(shell, args, { env: { ...environment, DATABASE_URL: url, KEEP: keep } });
  };
  const dumps = () => readdirSync(path.join(folder.path, 'backup')).sort();
  const query = async (url: string, sql: string) =>
    (await run('psql', ['--no-psqlrc', '-At', '-d', url, '-c', sql], { env: environment })).stdout.trim();

  it('run as it is, is restored as the page says, and the oldest go', async () => {
    const older = ['darkroom-2020-01-01T00-00-00Z.dump', 'darkroom-2021-01-01T00-00-00Z.dump'];
    for (const name of older) writeFileSync(path.join(folder.path, 'backup', name), '');
    await query(server.url, "create table kept (what text); insert into kept values ('a line of the ledger')");
    await backUp(server.url, '2');
    expect(dumps()).toEqual([older[1], expect.stringMatching(/^darkroom-2\d{3}-.*Z\.dump$/)]);

    const page = readFileSync(new URL('../../../docs/operations/backup.md', import.meta.url), 'utf8');
    const [options = ''] = /(?<=pg_restore )--exit-on-error[^"]*(?= --dbname)/.exec(page) ?? [];
    expect(options).not.toBe('');
    await query(server.url, 'create database restored');
    const restored = server.url.replace(/\/postgres$/, '/restored');
    const file = path.join(folder.path, 'backup', dumps().at(-1) ?? '');
    await run('pg_restore', [...options.split(' '), '--dbname', restored, file], { env: environment });
    expect(await query(restored, 'select what from kept')).toBe('a line of the ledger');
  });

  it('fails, and leaves what there was, when there is no database', async () => {
    const before = dumps();
    await expect(backUp(server.url.replace(/\/postgres$/, '/absent'), '1')).rejects.toThrow('absent');
    expect(dumps()).toEqual(before);
  });
});

describe('a back-up into a bucket', async () => {
  const objects = await renderChart('ci/external-services-values.yaml');
  const job = objects.find(({ kind }) => kind === 'CronJob');

  it('is dumped first, whole, and then sent', () => {
    const { initContainers, containers } = job === undefined ? { initContainers: [], containers: [] } : podOf(job);
    expect([initContainers, containers].map((list) => list.map(({ name }: { name: string }) => name))).toEqual([
      ['dump'],
      ['upload'],
    ]);
    expect(containers[0].args).toContain(':s3:safe/darkroom');
  });

  it('may reach the database and the bucket, and nobody it', () => {
    const policy = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'darkroom-backup');
    expect(policy?.['spec'].ingress).toBeUndefined();
    expect(JSON.stringify(policy?.['spec'].egress)).toMatch(/10\.0\.2\.0\/24.*10\.0\.5\.0\/24/);
  });
});
