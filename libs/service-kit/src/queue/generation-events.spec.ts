import { type GenerationEvent, newGenerationId } from '@darkroom/contracts';
import { lastEventIdHeader } from '@darkroom/contracts/http';
import { type RedisServer, startRedisServer } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Log } from '../telemetry/log.js';
import { EventWatcher, type PlacedEvent, publishEvent } from './generation-events.js';
import { connectRedis } from './redis.js';

let server: RedisServer;
let redis: ReturnType<typeof connectRedis>;
let watcher: EventWatcher;
beforeAll(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.url, Log.create('spec', 'silent'));
  await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 20_000 });
  watcher = new EventWatcher(redis);
});
afterAll(async () => {
  watcher.close();
  redis.disconnect();
  await server.dispose();
});

const step = (step: number): GenerationEvent => ({
  progress: { stage: 'denoise', step, steps: 9, image: 0, images: 1 },
  partialImage: undefined,
});
const stepOf = ({ event }: PlacedEvent) => event.progress?.step;

/** Watches until so many events have come. */
async function collect(id: string, count: number, after?: string, onEvent?: (seen: number) => Promise<void>) {
  const controller = new AbortController();
  const events: PlacedEvent[] = [];
  for await (const event of watcher.watch(id, after, controller.signal)) {
    events.push(event);
    await onEvent?.(events.length);
    if (events.length === count) controller.abort();
  }
  return events;
}

describe('the events of a generation', () => {
  it('reach a watcher that came before them, in order, and each of several', async () => {
    const id = newGenerationId();
    const both = Promise.all([collect(id, 3), collect(id, 3)]);
    for (const number of [1, 2, 3]) await publishEvent(redis, id, step(number));
    for (const events of await both) {
      expect(events.map(stepOf)).toEqual([1, 2, 3]);
      for (const { place } of events) expect(lastEventIdHeader.parse(place)).toBe(place);
    }
  });

  it('reach one that comes later, and one that comes back gets what it had not seen', async () => {
    const id = newGenerationId();
    for (const number of [1, 2, 3]) await publishEvent(redis, id, step(number));
    const [first] = await collect(id, 1);
    const rest = collect(id, 3, first?.place);
    await publishEvent(redis, id, step(4));
    expect((await rest).map(stepOf)).toEqual([2, 3, 4]);
  });

  it('wait for a watcher that is slow, and are kept from no other', async () => {
    const id = newGenerationId();
    const gate = Promise.withResolvers<void>();
    const slow = collect(id, 40, undefined, () => gate.promise);
    const quick = collect(id, 40);
    for (let number = 1; number <= 40; number += 1) await publishEvent(redis, id, step(number));
    expect((await quick).map(stepOf)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    gate.resolve();
    expect((await slow).map(stepOf)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it('are not those of another generation, and are not kept for ever', async () => {
    const [id, other] = [newGenerationId(), newGenerationId()];
    await publishEvent(redis, other, step(9));
    await publishEvent(redis, id, step(1));
    expect((await collect(id, 1)).map(stepOf)).toEqual([1]);
    const ttl = await redis.ttl(`darkroom:events:${id}`);
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(900);
  });

  it('a watcher that goes leaves nothing behind', async () => {
    const id = newGenerationId();
    const controller = new AbortController();
    const watching = watcher.watch(id, undefined, controller.signal).next();
    await vi.waitFor(async () => expect(await redis.pubsub('NUMSUB', `darkroom:events:${id}`)).toEqual([expect.anything(), 1]), {
      timeout: 20_000,
    });
    controller.abort();
    expect(await watching).toMatchObject({ done: true });
    await vi.waitFor(async () => expect(await redis.pubsub('NUMSUB', `darkroom:events:${id}`)).toEqual([expect.anything(), 0]), {
      timeout: 20_000,
    });
  });

  it('that came while the connection was away are seen when it is back', { timeout: 20_000 }, async () => {
    const id = newGenerationId();
    const events = collect(id, 1);
    await server.kill();
    await server.start();
    await vi.waitFor(() => publishEvent(redis, id, step(5)), { timeout: 20_000 });
    expect((await events).map(stepOf)).toEqual([5]);
  });
});
