import { createHash, randomBytes } from 'node:crypto';
import { DataType } from '@darkroom/contracts';
import { Log, Metrics } from '@darkroom/service-kit';
import { connectRedis } from '@darkroom/service-kit/redis';
import { type RedisServer, startRedisServer } from '@darkroom/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { SharedConditioning } from './shared-conditioning.js';

const log = Log.create('spec', 'silent');
const usesKey = 'darkroom:conditioning-uses';
const sizesKey = 'darkroom:conditioning-sizes';
const dayMs = 24 * 60 * 60 * 1000;

const keyOf = (name: string | number) => createHash('sha256').update(String(name)).digest('hex');
const entryKey = (name: string | number) => `darkroom:conditioning:${keyOf(name)}`;

/** Conditioning as large as a pocket model's, of random bytes. */
function entry(bytes = 9_216) {
  const tensor = { dataType: DataType.DATA_TYPE_FLOAT32, shape: [bytes / 4], data: randomBytes(bytes) };
  return { conditioning: [{ name: 'encoder_hidden_states', tensor }], tokenCount: 5 };
}

let server: RedisServer;
let redis: ReturnType<typeof connectRedis>;
const open: SharedConditioning[] = [];

beforeAll(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.url, log);
  await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 20_000 });
});
afterAll(async () => {
  redis.disconnect();
  await server.dispose();
});
beforeEach(async () => {
  await redis.flushall();
});
afterEach(() => {
  for (const cache of open.splice(0)) cache.close();
});

/** Opens a cache and waits until it is connected; it is patient unless told otherwise, for machines that are busy. */
async function openCache(
  capacityBytes: number,
  { metrics = new Metrics('spec'), patienceMs = 10_000 } = {},
): Promise<SharedConditioning> {
  const cache = new SharedConditioning({ redisUrl: server.url, capacityBytes, patienceMs }, log, metrics);
  open.push(cache);
  await vi.waitFor(async () => expect(await cache.bytes()).toBeDefined(), { timeout: 20_000 });
  return cache;
}

/** Tells what is kept as entries, by the sorted set and by the hash, each sorted; and the sum of sizes as told and as it is. */
async function books() {
  const entries = (await redis.keys('darkroom:conditioning:*')).map((key) => key.replace('darkroom:conditioning:', '')).sort();
  const uses = (await redis.zrange(usesKey, '0', '-1')).sort();
  const { total, ...sizes } = await redis.hgetall(sizesKey);
  const sum = Object.values(sizes).reduce((bytes, size) => bytes + Number(size), 0);
  return { entries, uses, sizes: Object.keys(sizes).sort(), total: Number(total), sum };
}

async function expectBooksToAgree(): Promise<Awaited<ReturnType<typeof books>>> {
  const state = await books();
  expect(state.uses).toEqual(state.entries);
  expect(state.sizes).toEqual(state.entries);
  expect(state.total).toBe(state.sum);
  return state;
}

describe('SharedConditioning', () => {
  it('gives every process what one of them kept, byte for byte', async () => {
    const [one, two] = [await openCache(2 ** 20), await openCache(2 ** 20)];
    const kept = entry();
    expect(await one.set(keyOf('a'), kept)).toBe(0);
    expect(await two.get(keyOf('a'))).toEqual(kept);
    expect(await two.get(keyOf('b'))).toBeUndefined();
    expect(await two.bytes()).toBe((await expectBooksToAgree()).total);
  });

  it('stays within its bytes under many entries of several processes, and so does what Redis really takes', async () => {
    const limit = 2 * 2 ** 20;
    const caches = [await openCache(limit), await openCache(limit)];
    // Whatever Redis allocates once, for scripts and buffers, is not the entries'.
    for (const cache of caches) await cache.set(keyOf('first'), entry());
    const before = await usedMemory();
    let evictions = 0;
    for (let round = 0; round < 100; round += 1) {
      const names = Array.from({ length: 5 }, (_, index) => round * 5 + index);
      const all = names.flatMap((name) => caches.map((cache) => cache.set(keyOf(name % 400), entry())));
      evictions += (await Promise.all(all)).reduce((sum, count) => sum + count, 0);
    }
    const { total, entries } = await expectBooksToAgree();
    expect(total).toBeLessThanOrEqual(limit);
    expect(total).toBeGreaterThan(limit - 11_000);
    expect(evictions).toBeGreaterThan(400 - entries.length);
    // Its allocator has four sizes for each doubling, so it may round up by a quarter.
    expect((await usedMemory()) - before).toBeLessThan(limit * 1.25);
  });

  it('drops the least recently used first', async () => {
    const cache = await openCache(3 * (9_216 + 1_024));
    for (const name of ['a', 'b', 'c']) await cache.set(keyOf(name), entry());
    await cache.get(keyOf('a'));
    expect(await cache.set(keyOf('d'), entry())).toBe(1);
    const state = await expectBooksToAgree();
    expect(state.entries).toEqual(['a', 'c', 'd'].map(keyOf).sort());
    expect(await redis.zrange(usesKey, '0', '-1')).toEqual(['c', 'a', 'd'].map(keyOf));
  });

  it('does not keep what is larger than itself, nor drop others for it, and counts a replaced entry once', async () => {
    const cache = await openCache(20_000);
    await cache.set(keyOf('a'), entry(4_096));
    await cache.set(keyOf('a'), entry(8_192));
    expect(await cache.set(keyOf('b'), entry(20_000))).toBe(0);
    const { entries, total } = await expectBooksToAgree();
    expect(entries).toEqual([keyOf('a')]);
    expect(total).toBeLessThan(9_216);
  });

  it('keeps an entry for a day after its last use, and no index without entries', async () => {
    const cache = await openCache(2 ** 20);
    await cache.set(keyOf('a'), entry());
    const keys = [entryKey('a'), usesKey, sizesKey];
    for (const key of keys) await redis.pexpire(key, 60_000);
    await cache.get(keyOf('a'));
    for (const key of keys) expect(await redis.pttl(key)).toBeGreaterThan(dayMs - 60_000);
    for (const key of keys) expect(await redis.pttl(key)).toBeLessThanOrEqual(dayMs);
  });

  it('takes expired entries out of the index, which is no eviction', async () => {
    const cache = await openCache(2 ** 20);
    await cache.set(keyOf('a'), entry());
    await cache.set(keyOf('b'), entry());
    await redis.del(entryKey('a'));
    await redis.zadd(usesKey, (Date.now() - dayMs) * 1000, keyOf('a'));
    expect(await cache.set(keyOf('c'), entry())).toBe(0);
    expect((await expectBooksToAgree()).entries).toEqual(['b', 'c'].map(keyOf).sort());
  });

  it.each([usesKey, sizesKey])('goes on within its bytes when somebody deletes %s', async (lost) => {
    const cache = await openCache(50_000);
    for (const name of ['a', 'b', 'c', 'd']) await cache.set(keyOf(name), entry());
    await redis.del(lost);
    for (let name = 0; name < 20; name += 1) await cache.set(keyOf(name), entry());
    const { uses, sizes, total, sum } = await books();
    expect(uses).toEqual(sizes);
    expect(uses).toHaveLength(5);
    expect(total).toBe(sum);
    expect(total).toBeLessThanOrEqual(50_000);
    expect(await cache.get(keyOf(19))).toBeDefined();
  });

  it('finds nothing where an entry is damaged, and keeps a sound one in its place', async () => {
    const cache = await openCache(2 ** 20);
    const kept = entry();
    await cache.set(keyOf('a'), kept);
    await redis.setrange(entryKey('a'), 100, 'damage');
    expect(await cache.get(keyOf('a'))).toBeUndefined();
    await cache.set(keyOf('a'), kept);
    expect(await cache.get(keyOf('a'))).toEqual(kept);
    await redis.del(entryKey('a'));
    await redis.lpush(entryKey('a'), 'not even a string');
    expect(await cache.get(keyOf('a'))).toBeUndefined();
    await cache.set(keyOf('a'), kept);
    expect(await cache.get(keyOf('a'))).toEqual(kept);
    await expectBooksToAgree();
  });

  it('still reads when Redis has no memory left, and keeps nothing more', async () => {
    const metrics = new Metrics('spec');
    const cache = await openCache(2 ** 20, { metrics });
    const kept = entry();
    await cache.set(keyOf('a'), kept);
    await redis.config('SET', 'maxmemory', '1');
    try {
      expect(await cache.set(keyOf('b'), entry())).toBe(0);
      expect(await cache.get(keyOf('b'))).toBeUndefined();
      expect((await cache.get(keyOf('a')))?.conditioning).toEqual(kept.conditioning);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
    expect((await expectBooksToAgree()).entries).toEqual([keyOf('a')]);
    expect(await metrics.registry.metrics()).toMatch(
      /darkroom_conditioning_shared_failures_total\{[^}]*reason="refused"[^}]*\} 1/,
    );
  });

  it('does not wait for a Redis that does not answer, and uses it again when it does', async () => {
    const cache = await openCache(2 ** 20, { patienceMs: 50 });
    const kept = entry();
    await (await openCache(2 ** 20)).set(keyOf('a'), kept);
    // Scripts wait until the pause ends, which is long after this spec's patience.
    await redis.client('PAUSE', 600_000, 'WRITE');
    try {
      expect(await cache.get(keyOf('a'))).toBeUndefined();
      expect(await cache.set(keyOf('b'), entry())).toBe(0);
    } finally {
      await redis.client('UNPAUSE');
    }
    await vi.waitFor(async () => expect(await cache.get(keyOf('a'))).toEqual(kept), { timeout: 20_000 });
  });
});

async function usedMemory(): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
}
