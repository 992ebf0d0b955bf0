import { WorkerReport } from '@darkroom/contracts';
import { type RedisServer, startRedisServer } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Log } from '../telemetry/log.js';
import { noteFileCheck, readFileCheck } from './file-check-orders.js';
import { connectRedis } from './redis.js';
import { noteDrain, publishWorkerReport, readDrains, readModels, readWorkers, withdrawWorker } from './worker-reports.js';

let server: RedisServer;
let redis: ReturnType<typeof connectRedis>;
beforeAll(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.url, Log.create('spec', 'silent'));
  await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 20_000 });
});
afterAll(async () => {
  redis.disconnect();
  await server.dispose();
});

const passTimes = [{ pixels: 65_536, rows: 2, ms: 10 }];
const report = (workerId: string, more: Partial<WorkerReport> = {}) =>
  WorkerReport.fromPartial({ workerId, concurrency: 16, ...more });
const alive = async (model: string) => (await readWorkers(redis, model)).alive.map(({ workerId }) => workerId);

describe("workers' reports", () => {
  it('are read back, the last one of each', async () => {
    await publishWorkerReport(redis, 'a', report('w1', { running: 1 }));
    await publishWorkerReport(redis, 'a', report('w1', { running: 2, passTimes }));
    await publishWorkerReport(redis, 'a', report('w2'));
    const workers = await readWorkers(redis, 'a');
    expect(workers.alive).toEqual([report('w1', { running: 2, passTimes }), report('w2')]);
    expect(workers.passTimes).toEqual(passTimes);
    expect(await alive('b')).toEqual([]);
  });

  it('are answered with whether the worker is to drain', async () => {
    const ask = async (id: string) => (await publishWorkerReport(redis, 'drained', report(id))).isToDrain;
    await noteDrain(redis, 'drained', 'w1', true);
    expect([await ask('w1'), await ask('w2')]).toEqual([true, false]);
    expect(await readDrains(redis, 'drained')).toEqual(new Set(['w1']));
    await noteDrain(redis, 'drained', 'w1', false);
    expect(await ask('w1')).toBe(false);
  });

  it('are answered with which check of files the worker is to make, the last one that was asked for', async () => {
    const ask = async (id: string) => (await publishWorkerReport(redis, 'checked', report(id))).fileCheck;
    expect(await ask('w1')).toBeUndefined();
    expect(await readFileCheck(redis, 'checked')).toBeUndefined();
    await noteFileCheck(redis, 'checked', { id: 'c1', by: 'ann', atMs: 5, workerIds: ['w1', 'w2'] });
    expect([await ask('w1'), await ask('w2'), await ask('w3')]).toEqual(['c1', 'c1', undefined]);
    const order = { id: 'c2', by: 'bob', atMs: 6, workerIds: ['w2'] };
    await noteFileCheck(redis, 'checked', order);
    expect([await ask('w1'), await ask('w2')]).toEqual([undefined, 'c2']);
    expect(await readFileCheck(redis, 'checked')).toEqual(order);
    expect(await redis.ttl('darkroom:workers:checked:file-check')).toBeGreaterThan(0);
  });

  it('tell which models there are', async () => {
    await publishWorkerReport(redis, 'model-z', report('w1'));
    await publishWorkerReport(redis, 'model-y', report('w1'));
    expect((await readModels(redis)).filter((model) => model.startsWith('model-'))).toEqual(['model-y', 'model-z']);
  });

  it('of one that stops count no more, but its measurements do', async () => {
    await publishWorkerReport(redis, 'c', report('w1', { passTimes }));
    await withdrawWorker(redis, 'c', 'w1');
    await withdrawWorker(redis, 'c', 'unknown');
    expect(await readWorkers(redis, 'c')).toEqual({ alive: [], passTimes });
  });

  it('of one that is silent count no more', async () => {
    await publishWorkerReport(redis, 'd', report('w1', { passTimes }));
    await publishWorkerReport(redis, 'd', report('w2'));
    // As if the first had said its last word eleven seconds ago.
    await redis.zincrby('darkroom:workers:d:seen', -11, 'w1');
    expect(await alive('d')).toEqual(['w2']);
  });

  it('are not kept for ever', async () => {
    await publishWorkerReport(redis, 'e', report('w1'));
    await redis.zincrby('darkroom:workers:e:seen', -100_000, 'w1');
    await publishWorkerReport(redis, 'e', report('w2'));
    expect(await redis.hkeys('darkroom:workers:e:reports')).toEqual(['w2']);
    expect(await redis.ttl('darkroom:workers:e:reports')).toBeGreaterThan(0);
  });
});
