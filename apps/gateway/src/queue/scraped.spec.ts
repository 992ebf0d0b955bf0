/** What a scrape of a gateway tells of the queues and of Redis: a real Redis, which is filled and killed. */
import { WorkerReport } from '@darkroom/contracts';
import { publishWorkerReport } from '@darkroom/service-kit/queue';
import * as testing from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { commands, moderator, post, redis, submitJob, url, useGateway } from '../gateway.fixture.js';

useGateway(testing);

/** The values of a metric, by the labels besides the service's. */
async function scraped(name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return Object.fromEntries(
    lines.map((line) => [/model="(\w+)"/.exec(line)?.[1] ?? '', Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

describe('a gateway’s metrics', () => {
  it('tell for each model what waits, how long that will take, and who works it off', async () => {
    expect(await scraped('darkroom_queue_waiting_count')).toEqual({ pocket: 0, second: 0 });
    expect(await scraped('darkroom_queue_workers_count')).toEqual({ pocket: 0, second: 0 });
    const passTimes = [{ pixels: 256 * 256, rows: 1, ms: 500 }];
    const report = WorkerReport.fromPartial({ workerId: 'w1', concurrency: 1, passTimes });
    for (const workerId of ['w1', 'w2']) await publishWorkerReport(commands, 'pocket', { ...report, workerId });
    for (const seed of [1, 2]) expect((await submitJob({ prompt: 'a star', seed })).status).toBe(202);
    await expect.poll(() => scraped('darkroom_queue_waiting_count')).toEqual({ pocket: 2, second: 0 });
    await expect.poll(() => scraped('darkroom_queue_workers_count')).toEqual({ pocket: 2, second: 0 });
    const { pocket, second } = await scraped('darkroom_queue_wait_seconds');
    expect(pocket).toBeGreaterThan(0);
    expect(second).toBe(0);
  });

  it('count what was turned away for want of a verdict', async () => {
    expect(await scraped('darkroom_verdicts_missing_total')).toEqual({ '': 0 });
    moderator.stop();
    expect((await post({ prompt: 'a star' })).status).toBe(503);
    await moderator.start();
    expect(await scraped('darkroom_verdicts_missing_total')).toEqual({ '': 1 });
  });

  it('tell what Redis uses, may use and has dropped, and whether it can write to its disk', async () => {
    expect(await scraped('darkroom_redis_evicted_total')).toEqual({ '': 0 });
    expect(await scraped('darkroom_redis_persistence_ready')).toEqual({ '': 1 });
    const { '': used = 0 } = await scraped('darkroom_redis_memory_bytes');
    expect(used).toBeGreaterThan(100_000);
    const limit = used + 8 * 1024 * 1024;
    await commands.config('SET', 'maxmemory', limit);
    await commands.config('SET', 'maxmemory-policy', 'allkeys-lru');
    for (let index = 0; index < 48; index += 1) await commands.set(`filling:${index}`, 'x'.repeat(256 * 1024));
    await commands.config('SET', 'maxmemory-policy', 'noeviction');
    await expect.poll(() => scraped('darkroom_redis_memory_limit_bytes')).toEqual({ '': limit });
    await expect.poll(async () => (await scraped('darkroom_redis_evicted_total'))['']).toBeGreaterThan(0);
  });

  it('are there without those of Redis while it is away', { timeout: 20_000 }, async () => {
    await redis.kill();
    const of = async () => [await scraped('darkroom_queue_waiting_count'), await scraped('darkroom_redis_evicted_total')];
    await expect.poll(of).toEqual([{}, {}]);
    expect(Object.keys(await scraped('darkroom_service_ready'))).toEqual(['']);
    await redis.start();
    await expect.poll(() => scraped('darkroom_redis_persistence_ready')).toEqual({ '': 1 });
  });
});
