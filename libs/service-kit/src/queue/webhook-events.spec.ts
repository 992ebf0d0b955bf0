import { newGenerationId } from '@darkroom/contracts';
import { type RedisServer, startRedisServer } from '@darkroom/testing';
import { Queue, Worker } from 'bullmq';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Log } from '../telemetry/log.js';
import { connectRedis, patientOptions } from './redis.js';
import { WEBHOOK_EVENTS, WebhookEvents } from './webhook-events.js';

let server: RedisServer;
let redis: ReturnType<typeof connectRedis>;
let events: WebhookEvents;
let queue: Queue;
beforeAll(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.url, Log.create('spec', 'silent'));
  events = new WebhookEvents(redis);
  queue = new Queue(WEBHOOK_EVENTS, { connection: { url: server.url, ...patientOptions } });
  await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 20_000 });
});
afterAll(async () => {
  await Promise.all([events.close(), queue.close()]);
  redis.disconnect();
  await server.dispose();
});

it('an end is told once, also again after it has been passed on', async () => {
  const id = newGenerationId();
  await Promise.all([events.add(id), events.add(id), events.add(id)]);
  const passedOn: (string | undefined)[] = [];
  const worker = new Worker(WEBHOOK_EVENTS, async (job) => void passedOn.push(job.id), {
    connection: { url: server.url, ...patientOptions },
  });
  await expect.poll(() => passedOn).toEqual([id]);
  await expect.poll(() => queue.getJobCountByTypes('completed')).toBe(1);
  await events.add(id);
  const next = newGenerationId();
  await events.add(next);
  await expect.poll(() => passedOn.at(-1)).toBe(next);
  expect(passedOn).toEqual([id, next]);
  await worker.close();
});

it('an end that Redis did not take is an error, and can be told when it is back', async () => {
  const id = newGenerationId();
  await server.stop();
  await expect(events.add(id)).rejects.toMatchObject({ code: 'unavailable' });
  await server.start();
  await vi.waitFor(() => events.add(id), { timeout: 20_000 });
  expect(await queue.getJobState(id)).toBe('waiting');
});

it('works from a connection that was made while Redis was away', async () => {
  await server.stop();
  const late = connectRedis(server.url, Log.create('spec', 'silent'));
  const own = new WebhookEvents(late);
  await expect(own.add(newGenerationId())).rejects.toMatchObject({ code: 'unavailable' });
  await server.start();
  await vi.waitFor(() => own.add(newGenerationId()), { timeout: 20_000 });
  await own.close();
  expect(late.status).toBe('ready');
  late.disconnect();
});
