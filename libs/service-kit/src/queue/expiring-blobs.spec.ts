import { startRedisServer } from '@darkroom/testing';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { Log } from '../telemetry/log.js';
import { expireBlobs, expiredBlobs, forgetExpiredBlobs } from './expiring-blobs.js';
import { connectRedis } from './redis.js';

let server: Awaited<ReturnType<typeof startRedisServer>>;
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
beforeEach(() => redis.flushall());

it('lists blobs from their time on, the oldest first, until they are taken off', async () => {
  await expireBlobs(redis, ['b', 'c'], 2_000);
  await expireBlobs(redis, ['a'], 1_000);
  expect(await expiredBlobs(redis, 999)).toEqual([]);
  expect(await expiredBlobs(redis, 1_000)).toEqual(['a']);
  expect(await expiredBlobs(redis, 2_000)).toEqual(['a', 'b', 'c']);
  await forgetExpiredBlobs(redis, ['a', 'c']);
  expect(await expiredBlobs(redis, 2_000)).toEqual(['b']);
});

it('keeps the later of two times', async () => {
  await expireBlobs(redis, ['a'], 2_000);
  await expireBlobs(redis, ['a'], 1_000);
  expect(await expiredBlobs(redis, 1_999)).toEqual([]);
  await expireBlobs(redis, ['a'], 3_000);
  expect(await expiredBlobs(redis, 2_999)).toEqual([]);
});

it('lists a hundred at a time, and does nothing for none', async () => {
  const keys = Array.from({ length: 150 }, (_, index) => `blob-${index}`);
  await expireBlobs(redis, keys, 1);
  const first = await expiredBlobs(redis);
  expect(first).toHaveLength(100);
  await forgetExpiredBlobs(redis, first);
  expect(await expiredBlobs(redis)).toHaveLength(50);
  await expireBlobs(redis, [], 1);
  await forgetExpiredBlobs(redis, []);
  expect(await expiredBlobs(redis)).toHaveLength(50);
});
