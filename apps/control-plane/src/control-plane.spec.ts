import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newGenerationId, type RecordUsageRequest } from '@darkroom/contracts';
import type { RunningService } from '@darkroom/service-kit';
import { type PostgresServer, startPostgresServer, stateFolder, type TemporaryFolder, temporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ADMIN_TOKEN, Client, databases, readiness, startControlPlane } from './control-plane.fixture.js';

describe.each(databases({ startPostgresServer, stateFolder }))('control plane over %s', (_name, prepare) => {
  let environment: Record<string, string>;
  let dispose: () => Promise<void>;
  let service: RunningService;
  let client: Client;
  beforeAll(async () => {
    ({ environment, dispose } = await prepare());
    service = await startControlPlane(environment);
    client = new Client(service);
    await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
  });
  afterAll(async () => {
    client.connection.close();
    await service.stop();
    await dispose();
  });

  const usageOf = (key: { id: string; tenant: string }): RecordUsageRequest => ({
    generationId: newGenerationId(),
    tenantId: key.tenant,
    keyId: key.id,
    model: 'pocket',
    imageCount: 2,
    width: 256,
    height: 512,
    steps: 20,
    guidancePasses: 2,
    kernelMs: 1234.5,
    evaluations: 0,
    outcome: 'succeeded',
  });

  it('issues a key whose secret it shows once and verifies', async () => {
    const { status, body: key } = await client.admin('POST', 'keys', { name: 'laptop' });
    expect(status).toBe(201);
    expect(key.secret).toMatch(/^dk_[A-Za-z0-9_-]{43}$/);
    expect(key.secret.startsWith(key.prefix)).toBe(true);
    expect(await client.grpc.verifyKey({ secret: key.secret })).toMatchObject({ tenantId: key.tenant, keyId: key.id });
    const { body: list } = await client.admin('GET', 'keys');
    expect(list.data.map(({ id }: { id: string }) => id)).toContain(key.id);
    expect(JSON.stringify(list)).not.toContain(key.secret);
    expect(JSON.stringify(list)).not.toContain('hash');
  });

  it('refuses secrets that are unknown, malformed or revoked', async () => {
    const { body: key } = await client.admin('POST', 'keys', { name: 'to be revoked' });
    const revoked = await client.admin('DELETE', `keys/${key.id}`);
    expect(revoked.body.revoked_at).not.toBeNull();
    expect((await client.admin('DELETE', `keys/${key.id}`)).body.revoked_at).toBe(revoked.body.revoked_at);
    await expect(client.grpc.verifyKey({ secret: key.secret })).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'the API key was revoked',
    });
    for (const secret of ['', 'dk_', 'sk-nonsense', `dk_${'A'.repeat(43)}`, `dk_${'x'.repeat(5000)}`]) {
      await expect(client.grpc.verifyKey({ secret })).rejects.toMatchObject({ code: 'unauthenticated' });
    }
    expect((await client.admin('DELETE', 'keys/key_absent')).status).toBe(404);
  });

  it('keeps tenants apart', async () => {
    const { status, body: tenant } = await client.admin('POST', 'tenants', { name: 'acme' });
    expect(status).toBe(201);
    expect((await client.admin('POST', 'tenants', { name: 'acme' })).status).toBe(409);
    const { body: key } = await client.admin('POST', 'keys', { name: 'acme key', tenant: 'acme' });
    expect(key.tenant).toBe(tenant.id);
    expect((await client.admin('POST', 'keys', { name: 'x', tenant: 'nobody' })).status).toBe(404);
    expect((await client.admin('GET', 'keys?tenant=acme')).body.data).toHaveLength(1);
    expect((await client.admin('GET', 'tenants')).body.data.map(({ name }: { name: string }) => name)).toContain('acme');
  });

  it('enters a generation once, however often and concurrently it is recorded', async () => {
    const { body: key } = await client.admin('POST', 'keys', { name: 'usage' });
    const usage = usageOf(key);
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.grpc.recordUsage(usage)));
    expect(answers.filter(({ recorded }) => recorded)).toHaveLength(1);
    expect(await client.grpc.recordUsage({ ...usage, steps: 99 })).toEqual({ recorded: false });
    const { body } = await client.admin('GET', `usage?generation_id=${usage.generationId}`);
    expect(body.data).toHaveLength(1);
    expect(body.data[0]).toMatchObject({
      key: key.id,
      steps: 20,
      images: 2,
      evaluations: 0,
      outcome: 'succeeded',
      compute_units: 256 * 512 * 20 * 2 * 2,
      kernel_ms: 1234.5,
    });
  });

  it('charges what was evaluated, and tells how it ended', async () => {
    const { body: key } = await client.admin('POST', 'keys', { name: 'outcomes' });
    const evaluations = 2 ** 32 - 1;
    for (const outcome of ['succeeded', 'cancelled', 'deadline_exceeded', '']) {
      const usage = { ...usageOf(key), evaluations, outcome };
      expect(await client.grpc.recordUsage(usage)).toEqual({ recorded: true });
      const { body } = await client.admin('GET', `usage?generation_id=${usage.generationId}`);
      const expected = { outcome: outcome || 'succeeded', evaluations, compute_units: 256 * 512 * evaluations };
      expect(body.data).toMatchObject([expected]);
    }
    for (const outcome of ['worker_lost', 'Cancelled']) {
      const usage = { ...usageOf(key), outcome };
      await expect(client.grpc.recordUsage(usage)).rejects.toMatchObject({ code: 'invalid_argument', param: 'outcome' });
      expect((await client.admin('GET', `usage?generation_id=${usage.generationId}`)).body.data).toEqual([]);
    }
  });

  it('lists usage by pages, newest first', async () => {
    const { body: tenant } = await client.admin('POST', 'tenants', { name: 'pages' });
    const { body: key } = await client.admin('POST', 'keys', { name: 'pages', tenant: tenant.id });
    const ids: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      const usage = usageOf(key);
      ids.unshift(usage.generationId);
      await client.grpc.recordUsage(usage);
    }
    const first = (await client.admin('GET', 'usage?tenant=pages&limit=3')).body;
    expect(first.data.map((row: { generation_id: string }) => row.generation_id)).toEqual([...ids].sort().reverse().slice(0, 3));
    expect(first.has_more).toBe(true);
    const rest = (await client.admin('GET', `usage?tenant=pages&limit=3&before=${first.data[2].generation_id}`)).body;
    expect(rest.data).toHaveLength(2);
    expect(rest.has_more).toBe(false);
  });

  it('refuses usage of tenants or keys that do not exist', async () => {
    await expect(client.grpc.recordUsage(usageOf({ id: 'key_absent', tenant: 'ten_absent' }))).rejects.toMatchObject({
      code: 'invalid_argument',
    });
    await expect(client.grpc.recordUsage(usageOf({ id: '', tenant: 'ten_absent' }))).rejects.toMatchObject({ param: 'keyId' });
  });

  it('lets only the admin token into the admin API', async () => {
    for (const token of ['', 'wrong', `${ADMIN_TOKEN}x`]) {
      expect((await client.admin('GET', 'keys', undefined, token)).status).toBe(401);
    }
  });

  it.each([
    ['POST', 'keys', {}, 'name'],
    ['POST', 'keys', { name: 'x', scope: 'all' }, 'scope'],
    ['POST', 'keys', { name: ' ' }, 'name'],
    ['POST', 'tenants', { name: 'x'.repeat(101) }, 'name'],
    ['GET', 'usage?limit=0', undefined, 'limit'],
    ['GET', 'usage?limit=1001', undefined, 'limit'],
    ['GET', 'usage?page=2', undefined, 'page'],
  ])('refuses %s %s %j, naming the parameter', async (method, path, body, param) => {
    const answer = await client.admin(method, path, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: 'invalid_argument', param });
  });

  it('keeps everything over a restart', async () => {
    const { body: key } = await client.admin('POST', 'keys', { name: 'restart' });
    client.connection.close();
    await service.stop();
    service = await startControlPlane(environment);
    client = new Client(service);
    await expect.poll(() => readiness(service), { timeout: 30_000 }).toBe(200);
    expect((await client.grpc.verifyKey({ secret: key.secret })).keyId).toBe(key.id);
  });
});

describe('the embedded database', () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => folder.remove());

  it("is this user's alone", async () => {
    const service = await startControlPlane({ DARKROOM_STATE_DIR: folder.path });
    await expect.poll(() => readiness(service), { timeout: 60_000 }).toBe(200);
    expect((await stat(join(folder.path, 'database'))).mode & 0o077).toBe(0);
    await service.stop();
  });

  it('is left alone while another process has it, and says so', async () => {
    const other = spawn('sleep', ['60']);
    await writeFile(join(folder.path, 'database.lock'), String(other.pid));
    const service = await startControlPlane({ DARKROOM_STATE_DIR: folder.path });
    await expect
      .poll(async () => (await (await fetch(`http://127.0.0.1:${service.httpPort}/readyz`)).json()) as unknown)
      .toMatchObject({ ready: false, missing: { database: expect.stringContaining(`in use by process ${other.pid}`) } });
    await service.stop();
    const exited = once(other, 'exit');
    other.kill();
    await exited;
    const next = await startControlPlane({ DARKROOM_STATE_DIR: folder.path });
    await expect.poll(() => readiness(next), { timeout: 30_000 }).toBe(200);
    await next.stop();
  });
});

describe('a PostgreSQL that comes and goes', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgresServer();
    await server.stop();
  });
  afterAll(() => server.dispose());

  it('is waited for at the start, and missed and found again later', async () => {
    const service = await startControlPlane({ DATABASE_URL: server.url });
    const client = new Client(service);
    await expect(client.grpc.verifyKey({ secret: `dk_${'A'.repeat(43)}` })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await readiness(service)).toBe(503);
    await server.start();
    await expect.poll(() => readiness(service)).toBe(200);
    const { body: key } = await client.admin('POST', 'keys', { name: 'comes and goes' });
    await server.stop();
    await expect(client.grpc.verifyKey({ secret: key.secret })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await readiness(service)).toBe(503);
    await server.start();
    // It listens a moment before it lets anyone in.
    const verified = () => client.grpc.verifyKey({ secret: key.secret }).then(({ keyId }) => keyId);
    await vi.waitFor(async () => expect(await verified()).toBe(key.id), { timeout: 20_000 });
    client.connection.close();
    await service.stop();
  });
});
