/** Several prompt encoders on one real Redis. */

import { Log } from '@darkroom/service-kit';
import { connectRedis } from '@darkroom/service-kit/redis';
import { type RedisServer, startRedisServer } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningEncoder, startEncoder } from './encoder.fixture.js';

let server: RedisServer;
let redis: ReturnType<typeof connectRedis>;
let one: RunningEncoder;
let two: RunningEncoder;

beforeAll(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.url, Log.create('spec', 'silent'));
  const environment = { REDIS_URL: server.url, SHARED_CONDITIONING_PATIENCE_MS: '10000', MODELS: 'pocket,pocket-turbo' };
  [one, two] = await Promise.all([startEncoder(environment), startEncoder({ ...environment, CONDITIONING_CACHE_BYTES: '0' })]);
  for (const { page } of [one, two]) {
    await vi.waitFor(async () => expect((await page('/readyz')).status).toBe(200), { timeout: 30_000 });
    await sharedBytes(page);
  }
});
afterAll(async () => {
  await Promise.all([one.stop(), two.stop()]);
  redis.disconnect();
  await server.dispose();
});

/** Bytes in the shared cache by a service's metrics, once it is connected. */
async function sharedBytes(page: RunningEncoder['page']): Promise<number> {
  return await vi.waitFor(async () => metric(page, /^darkroom_conditioning_cache_bytes\{[^}]*tier="shared"[^}]*\} (.+)$/m), {
    timeout: 20_000,
  });
}

async function metric(page: RunningEncoder['page'], pattern: RegExp): Promise<number> {
  const found = pattern.exec(await (await page('/metrics')).text())?.[1];
  if (found === undefined) throw new Error(`no metric is like ${pattern}`);
  return Number(found);
}

const lookups = (page: RunningEncoder['page'], result: string) =>
  metric(page, new RegExp(`^darkroom_conditioning_lookups_total\\{[^}]*result="${result}"[^}]*\\} (.+)$`, 'm'));

/** Waits until Redis has so many entries. */
async function entries(count: number): Promise<void> {
  await vi.waitFor(async () => expect(await redis.keys('darkroom:conditioning:*')).toHaveLength(count), { timeout: 20_000 });
}

describe('prompt encoders that share a Redis', () => {
  it('find what another one encoded, for every model with that text encoder, without the text itself being there', async () => {
    const prompts = ['a violet xylophone under the moon', 'blurred gargoyles'];
    const made = await one.encoder.encodeBatch({ model: 'pocket', prompts });
    expect(made.responses.map(({ cached }) => cached)).toEqual([false, false]);
    await entries(2);

    const found = await two.encoder.encodeBatch({ model: 'pocket-turbo', prompts });
    expect(found.responses).toEqual(made.responses.map((response) => ({ ...response, cached: true, kernelMs: 0 })));
    expect(await lookups(two.page, 'shared')).toBe(2);
    expect(await lookups(one.page, 'miss')).toBe(2);
    expect(await sharedBytes(one.page)).toBe(await sharedBytes(two.page));
    expect(await sharedBytes(one.page)).toBeGreaterThan(2 * 9_216);

    const everything = await everythingIn(redis);
    expect(everything.length).toBeGreaterThan(2 * 9_216);
    for (const text of [...prompts, 'xylophone', 'gargoyle', 'pocket']) expect(everything.includes(text)).toBe(false);
  });

  it('encode, and are ready, while Redis is away, and share again when it is back', async () => {
    await server.kill();
    for (const { encoder, page } of [one, two]) {
      expect(await encoder.encode({ model: 'pocket', prompt: 'alone' })).toMatchObject({ cached: false });
      expect((await page('/readyz')).status).toBe(200);
      await expect(metric(page, /^(darkroom_conditioning_cache_bytes\{[^}]*tier="shared")/m)).rejects.toThrow();
    }
    await server.start();
    for (const { page } of [one, two]) await sharedBytes(page);
    const before = await redis.keys('darkroom:conditioning:*');
    const made = await one.encoder.encode({ model: 'pocket', prompt: 'together again' });
    await entries(before.length + 1);
    const found = await two.encoder.encode({ model: 'pocket', prompt: 'together again' });
    expect(found).toEqual({ ...made, cached: true, kernelMs: 0 });
  });
});

/** All keys and values, whatever their type. */
async function everythingIn(redis: ReturnType<typeof connectRedis>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    parts.push(Buffer.from(key));
    if (type === 'string') parts.push((await redis.getBuffer(key)) ?? Buffer.of());
    else if (type === 'zset') parts.push(...(await redis.zrangeBuffer(key, '0', '-1')));
    else if (type === 'hash') parts.push(...(await redis.hkeysBuffer(key)), ...(await redis.hvalsBuffer(key)));
    else throw new Error(`${key} is a ${type}, which this spec does not read`);
  }
  return Buffer.concat(parts);
}
