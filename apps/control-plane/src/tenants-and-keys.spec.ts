import { newGenerationId, scopes } from '@darkroom/contracts';
import type { RunningService } from '@darkroom/service-kit';
import { startPostgresServer, stateFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ADMIN_TOKEN, Client, databases, readiness, startControlPlane } from './control-plane.fixture.js';
import type { Queries } from './database/database.js';
import { Database } from './database/database.provider.js';
import { sql } from './database/drizzle.js';
import { apiKeys, usageLedger } from './database/schema.js';
import { MonthlyUsage } from './usage/monthly-usage.js';

describe.each(databases({ startPostgresServer, stateFolder }))('tenants and keys over %s', (_name, prepare) => {
  let dispose: () => Promise<void>;
  let service: RunningService;
  let client: Client;
  beforeAll(async () => {
    const prepared = await prepare();
    dispose = prepared.dispose;
    service = await startControlPlane(prepared.environment);
    client = new Client(service);
    await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
  });
  afterAll(async () => {
    client.connection.close();
    await service.stop();
    await dispose();
  });

  const queries = <Result>(work: (queries: Queries) => PromiseLike<Result>) =>
    service.app.get(Database, { strict: false }).run(async (db) => await work(db));

  const issue = async (body: object) => (await client.admin('POST', 'keys', { name: 'spec', ...body })).body;
  const verify = (key: { secret: string }) => client.grpc.verifyKey({ secret: key.secret });

  /** Enters a generation into the ledger as if it had ended at a moment. */
  const enter = (key: { id: string; tenant: string }, computeUnits: number, recordedAt: Date, more: object = {}) =>
    queries((db) =>
      db.insert(usageLedger).values({
        generationId: newGenerationId(),
        tenantId: key.tenant,
        keyId: key.id,
        model: 'pocket',
        imageCount: 1,
        width: 64,
        height: 64,
        steps: 1,
        guidancePasses: 1,
        computeUnits,
        kernelMs: 1,
        recordedAt,
        ...more,
      }),
    );

  it('gives a key all scopes unless it is told which', async () => {
    const all = await issue({});
    expect(all).toMatchObject({ scopes: [...scopes], expires_at: null, last_used_at: null, requests_per_minute: null });
    expect(await verify(all)).toMatchObject({ scopes: [...scopes], requestsPerMinute: 0, expiresAtMs: 0 });
    const reader = await issue({ scopes: ['usage', 'read', 'usage'], requests_per_minute: 7 });
    expect(reader.scopes).toEqual(['read', 'usage']);
    expect(await verify(reader)).toMatchObject({ scopes: ['read', 'usage'], requestsPerMinute: 7 });
  });

  it('lets a key in until it expires, and says so afterwards', async () => {
    const days = await issue({ expires_in_days: 1 });
    expect(Math.abs(Date.parse(days.expires_at) - (Date.now() + 86_400_000))).toBeLessThan(60_000);
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
    const key = await issue({ expires_at: expiresAt });
    expect(key.expires_at).toBe(expiresAt);
    expect((await verify(key)).expiresAtMs).toBe(Date.parse(expiresAt));
    await queries((db) =>
      db
        .update(apiKeys)
        .set({ expiresAt: new Date(Date.now() - 1) })
        .where(sql`id = ${key.id}`),
    );
    await expect(verify(key)).rejects.toMatchObject({ code: 'unauthenticated', message: expect.stringContaining('expired at') });
  });

  it('tells when a key was last used, which it writes once a minute', async () => {
    const key = await issue({});
    const lastUsed = async () => {
      const { body } = await client.admin('GET', 'keys');
      return body.data.find(({ id }: { id: string }) => id === key.id).last_used_at;
    };
    await verify(key);
    await vi.waitFor(async () => expect(await lastUsed()).not.toBeNull(), { timeout: 20_000 });
    const first = await lastUsed();
    await verify(key);
    await verify(key);
    expect(await lastUsed()).toBe(first);
  });

  it('changes what a tenant may have, keeps what is left out, and takes limits away by null', async () => {
    const { body: tenant } = await client.admin('POST', 'tenants', { name: 'changing' });
    const key = await issue({ tenant: 'changing' });
    const nothing = { weight: null, requests_per_minute: null, concurrent_generations: null, models: null, defaults: null };
    expect(tenant).toMatchObject(nothing);
    expect((await verify(key)).tenant).toEqual({
      weight: 1,
      requestsPerMinute: 0,
      computeUnitsPerMinute: 0,
      computeUnitsPerMonth: 0,
      computeUnitsThisMonth: 0,
      concurrentGenerations: 0,
      models: [],
      defaultsJson: '',
      policyDigest: '',
    });
    const limits = {
      weight: 2.5,
      requests_per_minute: 60,
      compute_units_per_minute: 1_000_000_000_000_000,
      compute_units_per_month: 3_000_000_000,
      concurrent_generations: 5,
      models: ['pocket'],
      defaults: { steps: 4, size: '128x128', model: 'pocket' },
    };
    const { status, body } = await client.admin('PATCH', 'tenants/changing', limits);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: tenant.id, ...limits });
    const { tenant: told } = await verify(key);
    expect(JSON.parse(told?.defaultsJson ?? '')).toEqual(limits.defaults);
    expect(told).toMatchObject({
      weight: 2.5,
      requestsPerMinute: 60,
      computeUnitsPerMinute: 1_000_000_000_000_000,
      computeUnitsPerMonth: 3_000_000_000,
      concurrentGenerations: 5,
      models: ['pocket'],
    });
    await client.admin('PATCH', `tenants/${tenant.id}`, { weight: null, defaults: null });
    const { body: list } = await client.admin('GET', 'tenants');
    expect(list.data.find(({ id }: { id: string }) => id === tenant.id)).toMatchObject({
      ...limits,
      weight: null,
      defaults: null,
    });
    expect((await client.admin('PATCH', `tenants/${tenant.id}`, {})).body).toMatchObject({ requests_per_minute: 60 });
    expect((await client.admin('PATCH', 'tenants/nobody', { weight: 1 })).status).toBe(404);
    expect((await client.admin('GET', 'tenants/nobody')).status).toBe(404);
  });

  it.each([
    ['POST', 'keys', { scopes: [] }, 'scopes'],
    ['POST', 'keys', { scopes: ['admin'] }, 'scopes'],
    ['POST', 'keys', { scopes: 'read' }, 'scopes'],
    ['POST', 'keys', { expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    ['POST', 'keys', { expires_at: '2099-01-01' }, 'expires_at'],
    ['POST', 'keys', { expires_in_days: 0 }, 'expires_in_days'],
    ['POST', 'keys', { expires_in_days: 3651 }, 'expires_in_days'],
    ['POST', 'keys', { expires_in_days: 1, expires_at: '2099-01-01T00:00:00Z' }, 'expires_in_days'],
    ['POST', 'keys', { requests_per_minute: 0 }, 'requests_per_minute'],
    ['PATCH', 'tenants/default', { weight: 0 }, 'weight'],
    ['PATCH', 'tenants/default', { weight: 101 }, 'weight'],
    ['PATCH', 'tenants/default', { requests_per_minute: 1.5 }, 'requests_per_minute'],
    ['PATCH', 'tenants/default', { requests_per_minute: 1_000_001 }, 'requests_per_minute'],
    ['PATCH', 'tenants/default', { compute_units_per_minute: '9' }, 'compute_units_per_minute'],
    ['PATCH', 'tenants/default', { compute_units_per_month: -1 }, 'compute_units_per_month'],
    ['PATCH', 'tenants/default', { concurrent_generations: 0 }, 'concurrent_generations'],
    ['PATCH', 'tenants/default', { models: [] }, 'models'],
    ['PATCH', 'tenants/default', { models: ['../pocket'] }, 'models'],
    ['PATCH', 'tenants/default', { name: 'other' }, 'name'],
    ['PATCH', 'tenants/default', { defaults: [] }, 'defaults'],
    ['PATCH', 'tenants/default', { defaults: { steps: 101 } }, 'defaults.steps'],
    ['PATCH', 'tenants/default', { defaults: { size: '65x64' } }, 'defaults.size'],
    ['PATCH', 'tenants/default', { defaults: { prompt: 'x' } }, 'defaults.prompt'],
    ['PATCH', 'tenants/default', { defaults: { sampler: 'x' } }, 'defaults.sampler'],
  ])('refuses %s %s %j, naming the parameter', async (method, path, body, param) => {
    const answer = await client.admin(method, path, method === 'POST' ? { name: 'spec', ...body } : body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: 'invalid_argument', param });
  });

  it('sums what a tenant used in the current month of UTC, from its first millisecond', async () => {
    await client.admin('POST', 'tenants', { name: 'months' });
    const key = await issue({ tenant: 'months' });
    const monthly = service.app.get(MonthlyUsage, { strict: false });
    await enter(key, 1, new Date(Date.UTC(2031, 0, 31, 23, 59, 59, 999)));
    await enter(key, 20, new Date(Date.UTC(2031, 1, 1)));
    await enter(key, 300, new Date(Date.UTC(2031, 1, 28, 12)));
    // The sum of January is asked for a millisecond before February begins.
    expect(await monthly.of(key.tenant, Date.UTC(2031, 0, 31, 23, 59, 59, 999))).toBe(321);
    expect(await monthly.of(key.tenant, Date.UTC(2031, 1, 1))).toBe(320);
  });

  it('tells at once what was entered, and in a while what others entered', async () => {
    await client.admin('POST', 'tenants', { name: 'this month' });
    const key = await issue({ tenant: 'this month' });
    const used = async () => (await verify(key)).tenant?.computeUnitsThisMonth;
    expect(await used()).toBe(0);
    const usage = { generationId: newGenerationId(), tenantId: key.tenant, keyId: key.id, model: 'pocket', imageCount: 1 };
    const work = { width: 64, height: 64, steps: 2, guidancePasses: 2, kernelMs: 1, evaluations: 4, outcome: 'succeeded' };
    await client.grpc.recordUsage({ ...usage, ...work });
    expect(await used()).toBe(64 * 64 * 4);
    await enter(key, 5, new Date());
    await vi.waitFor(async () => expect(await used()).toBe(64 * 64 * 4 + 5), { timeout: 20_000, interval: 100 });
  });

  it('sums usage by days of UTC, models and keys, of one tenant', async () => {
    await client.admin('POST', 'tenants', { name: 'sums' });
    const [one, two] = [await issue({ tenant: 'sums' }), await issue({ tenant: 'sums' })];
    const other = await issue({});
    const lastOfMay = new Date(Date.UTC(2032, 4, 31, 23, 59, 59, 999));
    const firstOfJune = new Date(Date.UTC(2032, 5, 1));
    await enter(one, 10, lastOfMay, { kernelMs: 1_500 });
    await enter(one, 20, firstOfJune, { imageCount: 3, outcome: 'cancelled' });
    await enter(two, 40, firstOfJune, { model: 'turbo', outcome: 'deadline_exceeded' });
    await enter(two, 80, new Date(Date.UTC(2032, 5, 2)));
    await enter(other, 160, firstOfJune);
    const time = { fromMs: lastOfMay.getTime(), endMs: Date.UTC(2032, 5, 2), tenantId: one.tenant, keyId: '' };
    const sums = async (differing: object) => (await client.grpc.summariseUsage({ ...time, groupBy: [], ...differing })).sums;
    const whole = { date: '', model: '', keyId: '', generations: 3, images: 5, computeUnits: 70, kernelSeconds: 1.502 };
    expect(await sums({})).toEqual([{ ...whole, succeeded: 1, cancelled: 1, deadlineExceeded: 1 }]);
    expect(await sums({ groupBy: ['day'] })).toMatchObject([
      { date: '2032-05-31', generations: 1, computeUnits: 10, succeeded: 1, cancelled: 0 },
      { date: '2032-06-01', generations: 2, computeUnits: 60, succeeded: 0, cancelled: 1, deadlineExceeded: 1 },
    ]);
    expect(await sums({ groupBy: ['model', 'key'] })).toMatchObject([
      { date: '', model: 'pocket', keyId: one.id, computeUnits: 30 },
      { date: '', model: 'turbo', keyId: two.id, computeUnits: 40 },
    ]);
    expect(await sums({ keyId: two.id })).toMatchObject([{ computeUnits: 40 }]);
    expect(await sums({ groupBy: ['day'], endMs: time.fromMs })).toEqual([]);
    await expect(sums({ tenantId: '' })).rejects.toMatchObject({ code: 'invalid_argument', param: 'tenantId' });
  });

  it('sums usage for operators, of one tenant or all, as JSON or CSV', async () => {
    const days = 'from=2032-05-31&to=2032-06-02&group_by=day';
    const { body } = await client.admin('GET', `usage/summary?tenant=sums&${days}`);
    expect(body).toMatchObject({ object: 'list', from: '2032-05-31', to: '2032-06-02' });
    expect(body.data.map((line: { compute_units: number }) => line.compute_units)).toEqual([10, 60, 80]);
    const { body: all } = await client.admin('GET', `usage/summary?${days}`);
    expect(all.data.map((line: { compute_units: number }) => line.compute_units)).toEqual([10, 220, 80]);
    const csv = await fetch(`http://127.0.0.1:${service.httpPort}/admin/v1/usage/summary?tenant=sums&format=csv&${days}`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
    expect((await csv.text()).split('\r\n')[1]).toBe('2032-05-31,1,1,10,1.5,1,0,0');
    expect((await client.admin('GET', 'usage/summary?tenant=sums&group_by=week')).body.error.param).toBe('group_by');
  });

  it('shows operators a tenant with what it used this month', async () => {
    const { body: tenant } = await client.admin('POST', 'tenants', { name: 'using' });
    await enter(await issue({ tenant: 'using' }), 1_000, new Date());
    expect((await client.admin('GET', 'tenants/using')).body).toEqual({ ...tenant, compute_units_this_month: 1_000 });
  });

  it('sums usage by tenants too, for operators', async () => {
    const days = 'from=2032-06-01&to=2032-06-01';
    const { body } = await client.admin('GET', `usage/summary?${days}&group_by=tenant,model`);
    const { id } = (await client.admin('GET', 'tenants/sums')).body;
    const { id: other } = (await client.admin('GET', 'tenants/default')).body;
    const units = ({ tenant, model, compute_units }: { tenant: string; model: string; compute_units: number }) => [
      ...[tenant, model, compute_units],
    ];
    expect(body.data.map(units).toSorted()).toEqual(
      [
        [id, 'pocket', 20],
        [id, 'turbo', 40],
        [other, 'pocket', 160],
      ].toSorted(),
    );
    const { body: days2 } = await client.admin('GET', `usage/summary?${days}&group_by=tenant&tenant=sums`);
    expect(days2.data).toMatchObject([{ tenant: id, compute_units: 60, generations: 2 }]);
    expect(days2.data[0]).not.toHaveProperty('date');
  });

  it('has a ledger to which lines can only be added', async () => {
    const key = await issue({});
    await enter(key, 12_345, new Date());
    for (const change of [
      sql`update usage_ledger set compute_units = 0`,
      sql`update usage_ledger set compute_units = 0 where false`,
      sql`delete from usage_ledger where key_id = ${key.id}`,
      sql`truncate usage_ledger`,
    ]) {
      await expect(queries((db) => db.execute(change))).rejects.toThrow('usage_ledger is append-only');
    }
    const { body } = await client.admin('GET', 'usage?limit=1000');
    expect(body.data.find((row: { key: string }) => row.key === key.id)).toMatchObject({ compute_units: 12_345 });
  });
});
