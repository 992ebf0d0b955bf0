import { newGenerationId } from '@darkroom/contracts';
import { type RedisServer, startRedisServer } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Log } from '../telemetry/log.js';
import { CancellationListener, isCancellationRequested, requestCancellation } from './cancellations.js';
import { connectRedis } from './redis.js';

const log = Log.create('spec', 'silent');
let server: RedisServer;
let redis: ReturnType<typeof connectRedis>;
let listener: CancellationListener;
beforeAll(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.url, log);
  await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 20_000 });
  listener = new CancellationListener(redis);
});
afterAll(async () => {
  listener.close();
  redis.disconnect();
  await server.dispose();
});

describe('a cancellation', () => {
  it('aborts the signal of the generation that is worked on, and no other', async () => {
    const [id, other] = [newGenerationId(), newGenerationId()];
    const watched = await listener.watch(id);
    const bystander = await listener.watch(other);
    expect(watched.signal.aborted).toBe(false);
    await requestCancellation(redis, id);
    await expect.poll(() => watched.signal.aborted).toBe(true);
    expect(bystander.signal.aborted).toBe(false);
    expect(await isCancellationRequested(redis, id)).toBe(true);
    expect(await isCancellationRequested(redis, other)).toBe(false);
  });

  it('of a generation that waits is found when it is taken', async () => {
    const id = newGenerationId();
    await requestCancellation(redis, id);
    expect((await listener.watch(id)).signal.aborted).toBe(true);
  });

  it('is heard no more once watching has stopped', async () => {
    const id = newGenerationId();
    const watched = await listener.watch(id);
    watched.stop();
    await requestCancellation(redis, id);
    const later = await listener.watch(newGenerationId());
    expect([watched.signal.aborted, later.signal.aborted]).toEqual([false, false]);
  });

  it('that came while the connection was away is found when it is back', { timeout: 20_000 }, async () => {
    const id = newGenerationId();
    const watched = await listener.watch(id);
    await server.kill();
    await server.start();
    const another = connectRedis(server.url, log);
    await expect.poll(() => another.status).toBe('ready');
    await another.set(`darkroom:cancelled:${id}`, '1');
    another.disconnect();
    await expect.poll(() => watched.signal.aborted).toBe(true);
  });
});
