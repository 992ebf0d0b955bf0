/** The fair queue in memory against the one in Redis: the same jobs, the same answers, the same order. */
import { encodeGenerationJob, GenerationJob } from '@darkroom/contracts';
import { Log } from '@darkroom/service-kit';
import { connectRedis, FairQueue, openGenerationQueue, openGenerationWorker } from '@darkroom/service-kit/queue';
import { startRedisServer } from '@darkroom/testing';
import { seededRandom } from '@darkroom/testing/red-team';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FairOrder } from './fair-order.js';

const log = Log.create('spec', 'silent');
let server: Awaited<ReturnType<typeof startRedisServer>>;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.dispose());

async function inRedis(model: string) {
  const redis = connectRedis(server.url, log);
  await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 20_000 });
  const queue = openGenerationQueue(model, server.url, log);
  await vi.waitFor(() => queue.count(), { timeout: 20_000 });
  const worker = openGenerationWorker(model, server.url, log, null as never, { autorun: false });
  return {
    fair: new FairQueue(redis, queue),
    add: (id: string, priority: number) =>
      queue.add('generation', encodeGenerationJob(GenerationJob.fromPartial({ id, model })), { jobId: id, priority }),
    take: async () => (await worker.getNextJob('spec', { block: false }))?.id,
    close: async () => {
      await Promise.all([worker.close(), queue.close()]);
      redis.disconnect();
    },
  };
}

describe('the fair queue in memory', () => {
  it.each([1, 2, 3, 4, Date.now()])(
    'does what the one in Redis does, with jobs by seed %i',
    { timeout: 120_000 },
    async (seed) => {
      const random = seededRandom(seed);
      const integer = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
      const redis = await inRedis(`seed-${seed}`);
      const memory = new FairOrder();
      // Large costs now and then, so that tags come half-way up and are moved down.
      const scale = seed === 4 ? 800 : 1;
      for (let i = 0; i < 400; i += 1) {
        if (random() < 0.4) {
          expect(memory.take()).toBe(await redis.take());
          continue;
        }
        const job = {
          id: `job-${i}`,
          tenantId: `ten-${integer(0, 4)}`,
          weight: integer(1, 4) / 2,
          seconds: scale * random() * integer(1, 5),
          urgency: integer(-1, 1),
        };
        const limits = { secondsAhead: random() < 0.3 ? scale * 5 : Number.POSITIVE_INFINITY, jobs: random() < 0.1 ? 20 : 1_000 };
        const place = await redis.fair.admit({ ...job, isRepeatable: false }, limits);
        const verdict = memory.admit({ ...job, atSeconds: 0, deadlineAtSeconds: 0 }, limits);
        expect(verdict).toBe(place.verdict);
        expect(memory.lastAnswer.secondsAhead).toBeCloseTo(place.secondsAhead, 6);
        if (place.verdict === 'admitted') {
          expect(memory.lastAnswer.priority).toBe(place.priority);
          await redis.add(job.id, place.priority);
        }
      }
      expect(memory.seconds).toBeCloseTo((await redis.fair.workload(1)).waitingSeconds, 6);
      for (let id = await redis.take(); id !== undefined; id = await redis.take()) expect(memory.take()).toBe(id);
      expect(memory.take()).toBeUndefined();
      expect(memory.jobs).toBe(0);
      await redis.close();
    },
  );
});
