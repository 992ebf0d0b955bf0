import { type RedisServer, startRedisServer } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Log } from '../telemetry/log.js';
import { connectRedis } from './redis.js';
import { endWarm, noteWarm, readWarm } from './warm-notes.js';

let server: RedisServer;
let redis: ReturnType<typeof connectRedis>;
beforeAll(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.url, Log.create('spec', 'silent'));
  await vi.waitFor(() => expect(redis.status).toBe('ready'));
});
afterAll(async () => {
  redis.disconnect();
  await server.dispose();
});

describe('a note that a model is to be kept warm', () => {
  it('is read until it is changed, taken back, or its time is over', async () => {
    expect(await readWarm(redis, 'a')).toBeUndefined();
    const untilMs = Date.now() + 600_000;
    await noteWarm(redis, 'a', { replicas: 2, untilMs, by: 'ann' });
    expect(await readWarm(redis, 'a')).toEqual({ replicas: 2, untilMs, by: 'ann' });
    expect(await readWarm(redis, 'b')).toBeUndefined();
    const later = { replicas: 3, untilMs: untilMs + 1, by: 'bob' };
    await noteWarm(redis, 'a', later);
    expect(await readWarm(redis, 'a')).toEqual(later);
    expect([await endWarm(redis, 'a'), await endWarm(redis, 'a')]).toEqual([true, false]);
    await noteWarm(redis, 'a', { ...later, untilMs: Date.now() + 50 });
    await expect.poll(() => readWarm(redis, 'a'), { timeout: 10_000 }).toBeUndefined();
  });
});
