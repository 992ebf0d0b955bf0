import { WorkerReport } from '@darkroom/contracts';
import { Log, type RunningService } from '@darkroom/service-kit';
import { connectRedis, noteDrain, publishWorkerReport, readDrains } from '@darkroom/service-kit/queue';
import { type RedisServer, startRedisServer, stateFolder, type TemporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Client, readiness, startControlPlane } from '../control-plane.fixture.js';

let folder: TemporaryFolder;
let server: RedisServer;
let service: RunningService;
let client: Client;
let redis: ReturnType<typeof connectRedis>;

beforeAll(async () => {
  [folder, server] = await Promise.all([stateFolder(), startRedisServer()]);
  redis = connectRedis(server.url, Log.create('spec', 'silent'));
  service = await startControlPlane({ DARKROOM_STATE_DIR: folder.path, REDIS_URL: server.url });
  client = new Client(service);
  await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 30_000, interval: 50 });
});
afterAll(async () => {
  client.connection.close();
  await service.stop();
  redis.disconnect();
  await server.dispose();
  await folder.remove();
});

const report = (workerId: string, more: Partial<WorkerReport> = {}) =>
  WorkerReport.fromPartial({ workerId, concurrency: 16, ...more });

describe('workers', () => {
  it('are listed with what they are and what they have', async () => {
    const loads = [{ tenantId: 'ten_a', generationId: 'gen_a', remainingSeconds: 3, finishSeconds: 9, stepsMade: 5, steps: 20 }];
    const identity = {
      host: 'pod-1',
      startedAtMs: 1_796_000_000_000,
      modelDigest: 'sha256:a',
      provider: 'cuda',
      runtimeVersion: '1',
    };
    await publishWorkerReport(redis, 'pocket', report('w1', { running: 1, loads, identity, batchOccupancy: 0.5, pace: 1.2 }));
    await publishWorkerReport(redis, 'other', report('w2'));
    const { status, body } = await client.admin('GET', 'workers');
    expect(status).toBe(200);
    const unknown = { host: null, started_at: null, provider: null, runtime_version: null, model_digest: null };
    expect(body.data).toEqual([
      {
        id: 'w2',
        model: 'other',
        state: 'taking',
        running: 0,
        concurrency: 16,
        batch_occupancy: null,
        pace: null,
        ...unknown,
        generations: [],
      },
      {
        id: 'w1',
        model: 'pocket',
        state: 'taking',
        running: 1,
        concurrency: 16,
        batch_occupancy: 0.5,
        pace: 1.2,
        host: 'pod-1',
        started_at: new Date(1_796_000_000_000).toISOString(),
        provider: 'cuda',
        runtime_version: '1',
        model_digest: 'sha256:a',
        generations: [{ id: 'gen_a', tenant: 'ten_a', steps_made: 5, steps: 20, finish_seconds: expect.closeTo(9, 0) }],
      },
    ]);
  });

  it('are asked to drain and to go on, which the audit log tells', async () => {
    const stateOf = async () =>
      (await client.admin('GET', 'workers')).body.data.find(({ id }: { id: string }) => id === 'w3')?.state;
    await publishWorkerReport(redis, 'pocket', report('w3'));
    expect(await client.admin('POST', 'workers/w3/drain')).toMatchObject({ status: 202, body: { id: 'w3', state: 'draining' } });
    expect(await publishWorkerReport(redis, 'pocket', report('w3'))).toEqual({ isToDrain: true });
    await publishWorkerReport(redis, 'pocket', report('w3', { drained: true }));
    expect(await stateOf()).toBe('drained');
    expect(await client.admin('POST', 'workers/w3/resume')).toMatchObject({ status: 202, body: { state: 'resuming' } });
    expect(await readDrains(redis, 'pocket')).toEqual(new Set());
    const { body } = await client.admin('GET', 'audit?kind=operator');
    expect(body.data.map((entry: { operator: { action: string; subject: string } }) => entry.operator)).toMatchObject([
      { action: 'worker.resume', subject: 'w3', outcome: 'done' },
      { action: 'worker.drain', subject: 'w3', outcome: 'done' },
    ]);
  });

  it('that do not report are not found, and nothing is noted of them', async () => {
    expect(await client.admin('POST', 'workers/w9/drain')).toMatchObject({ status: 404, body: { error: { param: 'id' } } });
    expect(await readDrains(redis, 'pocket')).toEqual(new Set());
  });

  it('are not known while Redis is away: no empty list', async () => {
    await noteDrain(redis, 'pocket', 'w1', false);
    await server.kill();
    expect(await client.admin('GET', 'workers')).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    expect((await client.admin('POST', 'workers/w1/drain')).status).toBe(503);
    await server.start();
    await expect.poll(async () => (await client.admin('GET', 'workers')).status).toBe(200);
  });
});
