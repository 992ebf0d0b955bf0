/** The log by itself, in both kinds of database. */
import { createHash } from 'node:crypto';
import type { RunningService } from '@darkroom/service-kit';
import { startPostgresServer, stateFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Client, databases, readiness, startControlPlane } from '../control-plane.fixture.js';
import { Database } from '../database/database.provider.js';
import { sql } from '../database/drizzle.js';
import { decisionEntry, tamper, waiting } from './audit.fixture.js';
import { AuditLog } from './audit-log.js';
import { LogVerifier } from './log-verifier.js';

describe.each(databases({ startPostgresServer, stateFolder }))('the audit log in %s', (_name, prepare) => {
  let dispose: () => Promise<void>;
  let service: RunningService;
  let client: Client;
  let database: Database;
  let log: AuditLog;
  let verifier: LogVerifier;
  beforeAll(async () => {
    const prepared = await prepare();
    dispose = prepared.dispose;
    service = await startControlPlane(prepared.environment);
    client = new Client(service);
    await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
    [database, log, verifier] = [Database, AuditLog, LogVerifier].map((token) => service.app.get(token)) as [
      Database,
      AuditLog,
      LogVerifier,
    ];
  });
  afterAll(async () => {
    client.connection.close();
    await service.stop();
    await dispose();
  });

  it('is empty and intact at first', async () => {
    const { body } = await client.admin('GET', 'audit/verify');
    expect(body).toEqual({ intact: true, entries: 0, hash: '00'.repeat(32), problems: [] });
  });

  it('chains entries in their order: SHA-256 of the hash before and the entry', async () => {
    const entries = [decisionEntry(), decisionEntry({ action: 'block', category: 'hate' }), decisionEntry()].map(waiting);
    await log.append(entries);
    let hash: Buffer = Buffer.alloc(32);
    for (const { bytes } of entries)
      hash = createHash('sha256')
        .update(Buffer.concat([hash, bytes]))
        .digest();
    const { body } = await client.admin('GET', 'audit/verify');
    expect(body).toEqual({ intact: true, entries: 3, hash: hash.toString('hex'), problems: [] });
  });

  it('has each entry once, whoever enters it how often', async () => {
    const { sequence } = await log.head();
    const entries = Array.from({ length: 20 }, () => waiting(decisionEntry()));
    // As several control planes would that read the stream at about the same time.
    const rounds = [entries.slice(0, 5), entries.slice(0, 12), entries, entries];
    const entered = await Promise.all(rounds.map((round) => log.append(round)));
    expect(
      entered
        .flat()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(entries.map(({ place }) => place).toSorted());
    const rows = await log.after(sequence, 100);
    expect(rows.map(({ id }) => id)).toEqual(entries.map(({ place }) => place));
    expect((await verifier.verify()).intact).toBe(true);
  });

  it('keeps what nobody can read, as it is', async () => {
    const [row] = await log.append([{ bytes: Buffer.from([0xff, 1, 2]), place: '17-0' }]);
    expect(row).toMatchObject({ id: '17-0', kind: 'unreadable', tenantId: '', stage: '' });
    expect((await verifier.verify()).intact).toBe(true);
  });

  it('refuses to be changed', async () => {
    for (const change of ['update audit_log set stage = stage', 'delete from audit_log', 'truncate audit_log cascade']) {
      await expect(database.run((queries) => queries.execute(sql.raw(change)))).rejects.toThrow('append-only');
    }
  });

  const last = 'sequence = (select max(sequence) from audit_log)';
  it.each([
    ['a byte of an entry', 'update audit_log set entry = set_byte(entry, 20, get_byte(entry, 20) # 1) where sequence = 2'],
    ['a byte of the last entry', `update audit_log set entry = set_byte(entry, 0, get_byte(entry, 0) # 128) where ${last}`],
    ['a byte of a hash', 'update audit_log set hash = set_byte(hash, 31, get_byte(hash, 31) # 1) where sequence = 2'],
    ['a byte of the last hash', `update audit_log set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where ${last}`],
    ['an id', "update audit_log set id = id || 'x' where sequence = 2"],
    ['a tenant', "update audit_log set tenant_id = 'ten_2' where sequence = 2"],
    ['an action', "update audit_log set action = 'allow' where sequence = 2"],
    ['a category', "update audit_log set category = 'violence' where sequence = 2"],
    ['a time', "update audit_log set at = at + interval '1 millisecond' where sequence = 2"],
    ['a number', 'update audit_log set sequence = sequence + 1000 where sequence = 2'],
    ['an entry that was taken out', 'delete from audit_log where sequence = 2'],
    ['an end that was cut off', `delete from audit_log where ${last}`],
    ['a head', 'update audit_head set sequence = sequence - 1'],
    ["a head's hash", 'update audit_head set hash = set_byte(hash, 3, get_byte(hash, 3) # 1)'],
  ])('shows that %s was changed', async (_what, change) => {
    const undo = ['create table kept as select * from audit_log', 'create table kept_head as select * from audit_head'];
    for (const statement of undo) await database.run((queries) => queries.execute(sql.raw(statement)));
    await tamper(database, change);
    const found = await verifier.verify();
    expect(found.intact).toBe(false);
    expect(found.problems.length).toBeGreaterThan(0);
    await tamper(database, 'delete from audit_log');
    await tamper(database, 'insert into audit_log select * from kept');
    for (const statement of [
      'delete from audit_head',
      'insert into audit_head select * from kept_head',
      'drop table kept',
      'drop table kept_head',
    ]) {
      await database.run((queries) => queries.execute(sql.raw(statement)));
    }
    expect((await verifier.verify()).intact).toBe(true);
  });

  it('shows by a hash that was kept elsewhere that it was rewritten whole', async () => {
    const [row] = await log.after(1, 1);
    const anchor = { sequence: 2, hash: row?.hash.toString('hex') ?? '' };
    expect((await verifier.verify(anchor)).intact).toBe(true);
    const other = { ...anchor, hash: '0'.repeat(64) };
    expect((await verifier.verify(other)).problems).toMatchObject([{ sequence: 2 }]);
    expect((await verifier.verify({ ...anchor, sequence: 10_000 })).problems).toMatchObject([{ sequence: 10_000 }]);
    const { body } = await client.admin('GET', `audit/verify?sequence=2&hash=${other.hash}`);
    expect(body).toMatchObject({ intact: false, problems: [{ sequence: 2 }] });
  });

  it('is listed by pages, newest first, and by what it says', async () => {
    const entries = ['warn', 'block', 'block'].map((action) =>
      decisionEntry({
        tenantId: 'ten_pages',
        generationId: 'gen_pages',
        action,
        category: 'hate',
        stage: 'output_image',
        image: 3,
      }),
    );
    await log.append(entries.map(waiting));
    const ids = entries.map(({ id }) => id).reverse();
    const first = (await client.admin('GET', 'audit?tenant=ten_pages&limit=2')).body;
    expect(first).toMatchObject({ data: [{ id: ids[0] }, { id: ids[1] }], has_more: true });
    const rest = (await client.admin('GET', `audit?tenant=ten_pages&before=${first.data[1].sequence}`)).body;
    expect(rest).toMatchObject({ data: [{ id: ids[2] }], has_more: false });
    const blocked = await client.admin('GET', 'audit?generation_id=gen_pages&action=block&category=hate&stage=output_image');
    expect(blocked.body.data).toHaveLength(2);
    const { body } = await client.admin('GET', `audit/${ids[0]}`);
    expect(body).toMatchObject({ id: ids[0], kind: 'decision', decision: { action: 'block', image: 3, policy_version: '1' } });
    expect((await client.admin('GET', 'audit/dec_absent')).status).toBe(404);
  });

  it.each([
    ['audit?kind=other', 'kind'],
    ['audit?before=0', 'before'],
    ['audit?action=refuse', 'action'],
    ['audit?limit=5000', 'limit'],
    ['audit/verify?hash=abc', 'hash'],
    ['audit/verify?sequence=1', 'hash'],
  ])('refuses %s, naming the parameter', async (path, param) => {
    const answer = await client.admin('GET', path);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: 'invalid_argument', param });
  });

  it('is for operators alone', async () => {
    for (const path of ['audit', 'audit/verify', 'audit/dec_1']) {
      expect((await client.admin('GET', path, undefined, 'wrong')).status).toBe(401);
    }
  });
});
