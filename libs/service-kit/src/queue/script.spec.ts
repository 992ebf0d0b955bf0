import { type RedisServer, startRedisServer } from '@darkroom/testing';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Log } from '../telemetry/log.js';
import { connectRedis } from './redis.js';
import { Script } from './script.js';

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.url, Log.create('spec', 'silent'));
  await vi.waitFor(() => expect(redis.status).toBe('ready'));
});
afterAll(async () => {
  redis.disconnect();
  await server.dispose();
});

/** How often Redis was sent a script whole. */
async function timesSent(): Promise<number> {
  return Number(/cmdstat_eval:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
}

const concat = new Script("return KEYS[1] .. ARGV[1] .. redis.call('INCRBY', KEYS[2], ARGV[2])");

it('is sent once, and again when Redis has forgotten it', async () => {
  expect(await concat.run(redis, ['a', 'count'], ['b', 2])).toBe('ab2');
  expect(await concat.run(redis, ['c', 'count'], ['d', 3])).toBe('cd5');
  expect(await timesSent()).toBe(1);
  await redis.script('FLUSH');
  expect(await concat.run(redis, ['e', 'count'], ['f', 1])).toBe('ef6');
  expect(await timesSent()).toBe(2);
});

it('fails as the script does, and is not tried again then', async () => {
  const failing = new Script("redis.call('INCR', KEYS[1]) return redis.error_reply('NO')");
  await expect(failing.run(redis, ['tries'], [])).rejects.toThrow('NO');
  await expect(failing.run(redis, ['tries'], [])).rejects.toThrow('NO');
  expect(await redis.get('tries')).toBe('2');
});
