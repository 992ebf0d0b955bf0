/** From the stream in a real Redis into the log. */
import { AuditServiceService } from '@darkroom/contracts';
import { GrpcConnection, Log, type RunningService, serve, startService } from '@darkroom/service-kit';
import { appendToAudit } from '@darkroom/service-kit/audit';
import { connectRedis } from '@darkroom/service-kit/redis';
import { type RedisServer, startRedisServer, stateFolder, type TemporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../app.module.js';
import { Config } from '../config.js';
import { ADMIN_TOKEN, Client, readiness } from '../control-plane.fixture.js';
import { decisionEntry } from './audit.fixture.js';
import { AuditHandlers } from './audit.handlers.js';

describe('what waits in Redis', () => {
  let folder: TemporaryFolder;
  let server: RedisServer;
  let redis: ReturnType<typeof connectRedis>;
  let service: RunningService;
  let client: Client;

  async function start(): Promise<void> {
    service = await startService({
      config: Config,
      module: AppModule,
      services: (resolve) => [serve(AuditServiceService, resolve(AuditHandlers))],
      environment: { LOG_LEVEL: 'silent', ADMIN_TOKEN, DARKROOM_STATE_DIR: folder.path, REDIS_URL: server.url },
    });
    client = new Client(service);
    await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
  }

  async function stop(): Promise<void> {
    client.connection.close();
    await service.stop();
  }

  beforeAll(async () => {
    [folder, server] = await Promise.all([stateFolder(), startRedisServer()]);
    redis = connectRedis(server.url, Log.create('spec', 'silent'));
    await start();
  });
  afterAll(async () => {
    await stop();
    redis.disconnect();
    await server.dispose();
    await folder.remove();
  });

  const enter = async (count: number, generationId: string): Promise<string[]> => {
    const entries = Array.from({ length: count }, () => decisionEntry({ generationId }));
    for (const entry of entries) await appendToAudit(redis, entry);
    return entries.map(({ id }) => id);
  };
  const stored = async (generationId: string): Promise<string[]> => {
    const { body } = await client.admin('GET', `audit?generation_id=${generationId}&limit=1000`);
    return body.data.map(({ id }: { id: string }) => id).reverse();
  };

  it('is taken over in order, and taken out of the stream', async () => {
    const ids = await enter(600, 'gen_order');
    await expect.poll(() => stored('gen_order')).toEqual(ids);
    await expect.poll(() => redis.xlen('darkroom:audit')).toBe(0);
    const connection = new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'audit', timeoutMs: 10_000 });
    const verification = await connection.client(AuditServiceService).verifyLog({ sequence: 0, hash: '' });
    expect(verification).toMatchObject({ intact: true, entries: 600, problems: [] });
    const { sequence, hash } = { sequence: 600, hash: 'f'.repeat(64) };
    expect(await connection.client(AuditServiceService).verifyLog({ sequence, hash })).toMatchObject({ intact: false });
    connection.close();
  });

  it('waits while there is no control plane, and is entered once by the next', async () => {
    await stop();
    const ids = await enter(10, 'gen_away');
    await start();
    await expect.poll(() => stored('gen_away')).toEqual(ids);
  });

  it('is entered once when its reader died between entering and forgetting it', async () => {
    const entry = decisionEntry({ generationId: 'gen_twice' });
    await appendToAudit(redis, entry);
    await expect.poll(() => stored('gen_twice')).toEqual([entry.id]);
    await appendToAudit(redis, entry);
    const after = decisionEntry({ generationId: 'gen_after' });
    await appendToAudit(redis, after);
    await expect.poll(() => stored('gen_after')).toEqual([after.id]);
    expect(await stored('gen_twice')).toEqual([entry.id]);
  });

  it('outlives a killed Redis', async () => {
    await server.kill();
    await server.start();
    await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 20_000 });
    const ids = await enter(3, 'gen_killed');
    await expect.poll(() => stored('gen_killed')).toEqual(ids);
  });

  it('does not hold up what comes after, when nobody can read it', async () => {
    await redis.xadd('darkroom:audit', '*', 'entry', Buffer.from([0xff]));
    const ids = await enter(1, 'gen_behind');
    await expect.poll(() => stored('gen_behind')).toEqual(ids);
    expect((await client.admin('GET', 'audit?kind=unreadable')).body.data).toHaveLength(1);
    const metrics = await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();
    expect(metrics).toMatch(/darkroom_audit_entries_total\{[^}]*kind="unreadable"[^}]*\} 1/);
    expect(metrics).toMatch(/darkroom_audit_lag_seconds\{[^}]*\} 0/);
  });
});
