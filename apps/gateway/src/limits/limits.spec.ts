import { setTimeout as sleep } from 'node:timers/promises';
import { computeUnits, Tenant } from '@darkroom/contracts';
import * as testing from '@darkroom/testing';
import { describe, expect, it, vi } from 'vitest';
import {
  cancel,
  commands,
  errorOf,
  gateway,
  generationOf,
  get,
  KEYS,
  LEDGER,
  redis,
  startGateway,
  submitJob,
  useGateway,
  work,
} from '../gateway.fixture.js';
import { secondsUntilNextMonth } from './limits.js';

useGateway(testing);

const image = { prompt: 'a red apple', size: '64x64', steps: 2, guidance_scale: 1 };
/** What the image costs: pixels × steps, without guidance. */
const PRICE = computeUnits({ width: 64, height: 64, steps: 2, guidanceScale: 1, imageCount: 1 });

let tenants = 0;
/** Makes a tenant that no other spec knows, and a key of it. */
function newKey(limits: Partial<Tenant>, more: object = {}): { key: string; tenantId: string } {
  tenants += 1;
  const tenantId = `ten_limited_${tenants}`;
  const key = `dk_limited_${tenants}`;
  KEYS.set(key, { tenantId, keyId: `key_${tenants}`, tenant: Tenant.fromPartial(limits), ...more });
  return { key, tenantId };
}

const submit = (key: string, differing: object = {}, headers: Record<string, string> = {}) =>
  submitJob({ ...image, ...differing }, headers, key);

/** Sends one request after the other, and returns the answers' statuses. */
async function statuses(count: number, send: () => Promise<Response>): Promise<number[]> {
  const answers: number[] = [];
  for (let i = 0; i < count; i += 1) answers.push((await send()).status);
  return answers;
}

const header = (response: Response, name: string) => response.headers.get(`x-ratelimit-${name}`);
const seconds = (response: Response, name: string) => Number(/^([\d.]+)s$/.exec(header(response, name) ?? '')?.[1]);

/** Checks that an answer is 429 of a limit, and returns its Retry-After. */
async function refused(response: Response, message: RegExp): Promise<number> {
  expect(response.status).toBe(429);
  expect(await errorOf(response)).toMatchObject({ code: 'rate_limited', message: expect.stringMatching(message) });
  return Number(response.headers.get('retry-after'));
}

describe('requests a minute', () => {
  it('pass up to the limit, whatever they ask for, and are told of in headers', async () => {
    const { key } = newKey({ requestsPerMinute: 3 });
    const first = await get('/v1/models', key);
    expect([header(first, 'limit-requests'), header(first, 'remaining-requests')]).toEqual(['3', '2']);
    expect(seconds(first, 'reset-requests')).toBeCloseTo(20, 0);
    expect(header(first, 'limit-compute')).toBeNull();
    expect((await get('/v1/generations/gen_x', key)).status).toBe(404);
    expect((await submit(key, { steps: 0 })).status).toBe(400);
    const over = await get('/v1/models', key);
    expect([header(over, 'limit-requests'), header(over, 'remaining-requests')]).toEqual(['3', '0']);
    const retryAfter = await refused(over, /this tenant may make 3 requests a minute/);
    expect(retryAfter).toBeGreaterThan(10);
    expect(retryAfter).toBeLessThanOrEqual(20);
  });

  it('pass again when Retry-After says, and not before', async () => {
    // One every 1.2 seconds.
    const { key } = newKey({ requestsPerMinute: 50 });
    await Promise.all(Array.from({ length: 50 }, () => get('/v1/models', key)));
    // On a busy machine the bucket has filled by one or two meanwhile.
    let answer = await get('/v1/models', key);
    while (answer.status === 200) answer = await get('/v1/models', key);
    const retryAfter = await refused(answer, /50 requests/);
    expect(retryAfter).toBeLessThanOrEqual(2);
    await sleep(retryAfter * 1_000);
    expect((await get('/v1/models', key)).status).toBe(200);
  });

  it('that are refused take nothing', async () => {
    const { key } = newKey({ requestsPerMinute: 2 });
    await statuses(2, () => get('/v1/models', key));
    const before = seconds(await get('/v1/models', key), 'reset-requests');
    await statuses(20, () => get('/v1/models', key));
    expect(seconds(await get('/v1/models', key), 'reset-requests')).toBeLessThan(before);
  });

  it('can be limited for one key of a tenant', async () => {
    const { tenantId, key } = newKey({ requestsPerMinute: 100 }, { requestsPerMinute: 2 });
    KEYS.set('dk_other_key', { tenantId, keyId: 'key_other', tenant: Tenant.fromPartial({ requestsPerMinute: 100 }) });
    expect(header(await get('/v1/models', key), 'limit-requests')).toBe('2');
    await get('/v1/models', key);
    await refused(await get('/v1/models', key), /this key may make 2 requests/);
    // The refused one has taken nothing of the tenant's either.
    expect(header(await get('/v1/models', 'dk_other_key'), 'remaining-requests')).toBe('97');
  });

  it('flood nobody else', async () => {
    const { key } = newKey({ requestsPerMinute: 5 });
    const other = newKey({ requestsPerMinute: 5 }).key;
    const flood = Promise.all(Array.from({ length: 200 }, async () => (await get('/v1/models', key)).status));
    expect(await statuses(5, () => get('/v1/models', other))).toEqual([200, 200, 200, 200, 200]);
    const answers = await flood;
    expect(answers.filter((status) => status === 200)).toHaveLength(5);
    expect(answers.filter((status) => status === 429)).toHaveLength(195);
  });
});

describe('compute a minute', () => {
  it('passes up to the limit, and is told of in headers', async () => {
    const { key } = newKey({ computeUnitsPerMinute: PRICE * 2 });
    const first = await submit(key);
    expect(first.status).toBe(202);
    expect([header(first, 'limit-compute'), header(first, 'remaining-compute')]).toEqual([`${PRICE * 2}`, `${PRICE}`]);
    expect(seconds(first, 'reset-compute')).toBeCloseTo(30, 0);
    expect((await submit(key)).status).toBe(202);
    const retryAfter = await refused(await submit(key), /16,384 compute units a minute; this generation takes 8,192/);
    expect(retryAfter).toBeGreaterThan(20);
    expect(retryAfter).toBeLessThanOrEqual(30);
    expect(header(await get('/v1/models', key), 'remaining-compute')).toMatch(/^\d+$/);
  });

  it('counts steps, images, guidance and a solver that looks twice', async () => {
    const { key } = newKey({ computeUnitsPerMinute: PRICE * 10 });
    const remaining = async (differing: object) => Number(header(await submit(key, differing), 'remaining-compute'));
    const startedAt = Date.now();
    const before = await remaining({});
    // Twice the images and guidance: four times as much.
    const used = before - (await remaining({ n: 2, guidance_scale: 2 }));
    // Heun's method makes 2 × 2 - 1 passes of 2 steps.
    const heun = before - used - (await remaining({ solver: 'heun' }));
    // Less what was refilled meanwhile, of ten prices a minute.
    const refilled = (10 * (Date.now() - startedAt)) / 60_000;
    for (const [taken, prices] of [
      [used, 4],
      [heun, 1.5],
    ] as const) {
      expect(taken / PRICE).toBeLessThanOrEqual(prices);
      expect(taken / PRICE).toBeGreaterThan(prices - refilled - 0.01);
    }
  });

  it('lets an image pass that is larger than the bucket, if the bucket is full', async () => {
    const { key } = newKey({ computeUnitsPerMinute: PRICE / 2 });
    const first = await submit(key);
    expect(first.status).toBe(202);
    expect(header(first, 'remaining-compute')).toBe('0');
    // Two minutes' worth was taken.
    expect(seconds(first, 'reset-compute')).toBeCloseTo(120, 0);
    expect(await refused(await submit(key), /compute units a minute/)).toBeCloseTo(120, -1);
  });

  it('is given back by what is not begun, and refusals take no request', async () => {
    const { key } = newKey({ computeUnitsPerMinute: PRICE, requestsPerMinute: 5 });
    const moderated = await submit(key, { prompt: 'gore' });
    expect(moderated.status).toBe(400);
    expect(header(moderated, 'remaining-compute')).toBe(`${PRICE}`);
    const unjudged = await submit(key, { prompt: 'this breaks the classifier' });
    expect(unjudged.status).toBe(503);
    expect((await submit(key)).status).toBe(202);
    for (let i = 0; i < 5; i += 1) {
      const over = await submit(key);
      await refused(over, /compute units/);
      expect(header(over, 'remaining-requests')).toBe('2');
    }
  });

  it('is taken once for one Idempotency-Key, also by requests at the same time', async () => {
    const { key } = newKey({ computeUnitsPerMinute: PRICE, concurrentGenerations: 1 });
    const send = () => submit(key, { seed: 1 }, { 'idempotency-key': 'once' });
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    answers.push(await send());
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(await Promise.all(answers.map(async (answer) => (await generationOf(answer)).id))).size).toBe(1);
  });
});

describe('generations at a time', () => {
  it('are as many as allowed, of 20 that come at once, and one more when one has ended', async () => {
    const gates: (() => void)[] = [];
    const { key, tenantId } = newKey({ concurrentGenerations: 5 });
    work(async (job) => {
      if (job.tenantId === tenantId) await new Promise<void>((resolve) => gates.push(resolve));
    });
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(key)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(5);
    for (const answer of answers.filter(({ status }) => status !== 202)) {
      expect(await refused(answer, /5 generations at a time/)).toBe(1);
    }
    await vi.waitFor(() => expect(gates).toHaveLength(1), { timeout: 20_000 });
    gates.pop()?.();
    await vi.waitFor(async () => expect((await submit(key)).status).toBe(202), { timeout: 20_000 });
    await refused(await submit(key), /5 generations/);
  });

  it('no longer count when they fail, are cancelled while they wait, or are too late', async () => {
    const { key } = newKey({ concurrentGenerations: 1 });
    const { id } = await generationOf(await submit(key));
    await refused(await submit(key), /1 generations/);
    await cancel(id, key);
    expect((await submit(key, { deadline: new Date(Date.now() + 500).toISOString() })).status).toBe(202);
    await vi.waitFor(async () => expect((await submit(key)).status).toBe(202), { timeout: 20_000 });
    await refused(await submit(key), /1 generations/);
    work(() => {
      throw new Error('fails');
    });
    await vi.waitFor(async () => expect((await submit(key)).status).toBe(202), { timeout: 20_000 });
  });

  it('are known to the next gateway when one dies', async () => {
    const { key } = newKey({ concurrentGenerations: 1 });
    const { id } = await generationOf(await submit(key));
    await gateway.stop();
    await startGateway();
    await refused(await submit(key), /1 generations/);
    await cancel(id, key);
    expect((await submit(key)).status).toBe(202);
  });

  it('do not count for ever when a gateway died before it enqueued them', async () => {
    const { key, tenantId } = newKey({ concurrentGenerations: 1 });
    // As such a gateway leaves it, a minute ago and just now.
    const leave = (sinceMs: number) =>
      commands.hset(`darkroom:limits:begun:${tenantId}`, 'gen_lost', `1 bull:generations-pocket: 0 ${sinceMs}`);
    await leave(Date.now());
    await refused(await submit(key), /1 generations/);
    await leave(Date.now() - 61_000);
    expect((await submit(key)).status).toBe(202);
  });
});

describe('compute a month', () => {
  it('is what the ledger has and what has begun, up to the limit and not beyond', async () => {
    const { key, tenantId } = newKey({ computeUnitsPerMonth: PRICE * 4, computeUnitsThisMonth: PRICE });
    LEDGER.set(tenantId, PRICE);
    expect(await statuses(3, () => submit(key))).toEqual([202, 202, 202]);
    const retryAfter = await refused(await submit(key, { size: '64x64', steps: 1 }), /32,768 compute units a month/);
    const left = secondsUntilNextMonth(Date.now());
    expect(Math.abs(retryAfter - left)).toBeLessThan(60);
  });

  it('counts once what has ended: as the ledger has it, not as it was priced', async () => {
    const { key, tenantId } = newKey({ computeUnitsPerMonth: PRICE * 2 });
    const begun: string[] = [];
    work(async (job) => {
      if (job.tenantId !== tenantId) return;
      begun.push(job.id);
      await new Promise(() => {});
    });
    expect(await statuses(2, () => submit(key))).toEqual([202, 202]);
    await refused(await submit(key), /a month/);
    // One ends after half of its steps, the other one goes on.
    await vi.waitFor(() => expect(begun).toHaveLength(1), { timeout: 20_000 });
    LEDGER.set(tenantId, PRICE / 2);
    expect((await cancel(begun[0] ?? '', key)).status).toBe(200);
    await refused(await submit(key), /a month/);
    expect((await submit(key, { steps: 1 })).status).toBe(202);
    await refused(await submit(key, { steps: 1 }), /a month/);
  });

  it('is not asked of thousands of generations with each of many refusals', async () => {
    const { key, tenantId } = newKey({ computeUnitsPerMonth: PRICE });
    const begun = Array.from({ length: 4_000 }, (_, i) => [`gen_${i}`, `2 bull:generations-pocket: 0 ${Date.now()}`]);
    await commands.hset(`darkroom:limits:begun:${tenantId}`, ...begun.flat());
    await commands.hset(`darkroom:limits:begun:${tenantId}:month`, 'begun', PRICE);
    const lookups = async () => {
      const stats = await commands.info('commandstats');
      return Number(/cmdstat_hget:calls=(\d+)/.exec(stats)?.[1]);
    };
    const before = await lookups();
    for (let i = 0; i < 50; i += 1) await refused(await submit(key), /a month/);
    expect(await lookups()).toBeLessThan(before + 25 * 4_000);
  });

  it('begins anew with the month', () => {
    expect(secondsUntilNextMonth(Date.UTC(2026, 10, 30, 23, 59, 59))).toBe(1);
    expect(secondsUntilNextMonth(Date.UTC(2026, 11, 31, 23, 0, 0))).toBe(3_600);
    expect(secondsUntilNextMonth(Date.UTC(2028, 1, 1))).toBe(29 * 86_400);
  });
});

describe('limits', () => {
  it('are those of the configuration for tenants that have none', async () => {
    await gateway.stop();
    await startGateway({ DEFAULT_REQUESTS_PER_MINUTE: '2', DEFAULT_CONCURRENT_GENERATIONS: '1' });
    const { key } = newKey({});
    expect(header(await get('/v1/models', key), 'limit-requests')).toBe('2');
    expect(header(await get('/v1/models', newKey({ requestsPerMinute: 9 }).key), 'limit-requests')).toBe('9');
    await gateway.stop();
    await startGateway();
    expect(header(await get('/v1/models', key), 'limit-requests')).toBeNull();
  });

  it('fail closed while Redis is away', async () => {
    const { key } = newKey({ requestsPerMinute: 100 });
    expect((await get('/v1/models', key)).status).toBe(200);
    await redis.kill();
    await vi.waitFor(async () => expect((await get('/v1/models', key)).status).toBe(503), { timeout: 20_000 });
    expect((await get('/v1/models', 'dk_alice')).status).toBe(200);
    await redis.start();
    await vi.waitFor(async () => expect((await get('/v1/models', key)).status).toBe(200), { timeout: 20_000 });
  });
});
