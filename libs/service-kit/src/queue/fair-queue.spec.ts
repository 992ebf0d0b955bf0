import { encodeGenerationJob, GenerationJob } from '@darkroom/contracts';
import { type RedisServer, startRedisServer } from '@darkroom/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Log } from '../telemetry/log.js';
import { type Candidate, FairQueue, type QueueLimits } from './fair-queue.js';
import { type GenerationQueue, type GenerationWorker, openGenerationQueue, openGenerationWorker } from './generation-queue.js';
import { connectRedis } from './redis.js';

const log = Log.create('spec', 'silent');
const model = 'pocket';
const unlimited = { secondsAhead: Number.POSITIVE_INFINITY, jobs: 100_000 };
let server: RedisServer;
let redis: ReturnType<typeof connectRedis>;
let queue: GenerationQueue;
let worker: GenerationWorker;
let fair: FairQueue;
let made = 0;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.dispose());
beforeEach(async () => {
  redis = connectRedis(server.url, log);
  await vi.waitFor(() => expect(redis.status).toBe('ready'), { timeout: 20_000 });
  await redis.flushall();
  queue = openGenerationQueue(model, server.url, log);
  await vi.waitFor(() => queue.count(), { timeout: 20_000 });
  worker = openGenerationWorker(model, server.url, log, null as never, { autorun: false });
  fair = new FairQueue(redis, queue);
});
afterEach(async () => {
  await Promise.all([worker.close(), queue.close()]);
  redis.disconnect();
});

type Asked = Partial<Omit<Candidate, 'id'>>;

/** Asks for a place and adds the job where it was told to. */
async function submit(id: string, asked: Asked = {}, limits: QueueLimits = unlimited) {
  const candidate = { tenantId: 'ten_a', weight: 1, seconds: 1, urgency: 0, isRepeatable: false, ...asked, id };
  const place = await fair.admit(candidate, limits);
  if (place.verdict === 'admitted') {
    const payload = encodeGenerationJob(GenerationJob.fromPartial({ id, model }));
    await queue.add('generation', payload, { jobId: id, priority: place.priority });
  }
  return place;
}

/** Submits so many of a tenant's jobs, named by it and a number. */
async function flood(tenantId: string, count: number, asked: Asked = {}) {
  for (let i = 0; i < count; i += 1) await submit(`${tenantId}-${made++}`, { tenantId, ...asked });
}

/** Takes a number of jobs as a worker does, and names them in that order. */
async function take(count: number): Promise<string[]> {
  const taken: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const job = await worker.getNextJob('spec', { block: false });
    if (job !== undefined) taken.push(job.id as string);
  }
  return taken;
}

const tenantsOf = (ids: readonly string[]) => ids.map((id) => id.split('-')[0]);
const count = (ids: readonly string[], tenant: string) => tenantsOf(ids).filter((name) => name === tenant).length;

describe('the fair queue', () => {
  it('lets a tenant that comes later in beside a flood', async () => {
    await flood('a', 50);
    await take(3);
    await flood('b', 2);
    expect(tenantsOf(await take(5))).toEqual(['a', 'b', 'a', 'b', 'a']);
  });

  it('keeps one tenant in order', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await submit(id);
    expect(await take(4)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('shares by weight', async () => {
    await flood('a', 40);
    await flood('b', 40, { weight: 3 });
    const taken = await take(40);
    expect([count(taken, 'a'), count(taken, 'b')]).toEqual([10, 30]);
  });

  it('shares compute, not jobs', async () => {
    await flood('large', 20, { seconds: 4 });
    await flood('small', 40, { seconds: 1 });
    const taken = await take(25);
    expect([count(taken, 'large'), count(taken, 'small')]).toEqual([5, 20]);
  });

  it('gives no credit for having been idle, and begins anew when nothing waits', async () => {
    await flood('a', 20);
    await take(20);
    expect(await submit('first', { tenantId: 'a' })).toMatchObject({ priority: 1, secondsAhead: 0 });
    await flood('a', 9);
    await take(8);
    await flood('late', 10);
    expect(count(await take(4), 'late')).toBe(2);
  });

  it("puts a tenant's urgent jobs before its other ones, at nobody else's cost", async () => {
    await flood('a', 6);
    await flood('b', 6);
    await submit('low', { tenantId: 'a', urgency: -1 });
    await submit('urgent', { tenantId: 'a', urgency: 1 });
    await submit('normal', { tenantId: 'a' });
    const taken = await take(15);
    const own = taken.filter((id) => !id.startsWith('b'));
    expect([own[0], own.at(-2), own.at(-1)]).toEqual(['urgent', 'normal', 'low']);
    // The two tenants take turns as without any urgency.
    const shares = taken.slice(0, 12).map((_, i) => count(taken.slice(0, i + 1), 'b') - (i + 1) / 2);
    expect(Math.max(...shares.map(Math.abs))).toBeLessThanOrEqual(1);
  });

  it('lets a tenant that calls everything urgent have no more than its share', async () => {
    await flood('a', 20);
    await flood('b', 20, { urgency: 1 });
    await flood('b', 20);
    const taken = await take(20);
    expect(count(taken, 'b')).toBe(10);
  });

  it('orders jobs by the start tags of the definition, whatever comes when', async () => {
    const order: { id: string; start: number; turn: number }[] = [];
    const finish = new Map<string, number>();
    const weights: Record<string, number> = { a: 1, b: 2, c: 0.5, d: 4 };
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed % below;
    };
    for (let turn = 0; turn < 300; turn += 1) {
      const waiting = order.sort((x, y) => x.start - y.start || x.turn - y.turn);
      if (waiting.length === 0) finish.clear();
      if (waiting.length > 0 && random(5) < 2) {
        expect(await take(1)).toEqual([waiting.shift()?.id]);
        continue;
      }
      const tenantId = 'abcd'[random(4)] as string;
      const weight = weights[tenantId] as number;
      const seconds = (1 + random(9)) * weight;
      const now = waiting[0]?.start ?? 0;
      const start = Math.max(now, finish.get(tenantId) ?? 0);
      finish.set(tenantId, start + seconds / weight);
      const id = `job-${turn}`;
      await submit(id, { tenantId, weight, seconds });
      order.push({ id, start, turn });
    }
    expect(order.length).toBeGreaterThan(20);
  });

  it('goes on when tags have come half-way up', async () => {
    await flood('a', 4, { seconds: 6_000 });
    await flood('b', 4, { seconds: 6_000 });
    expect(tenantsOf(await take(5))).toEqual(['a', 'b', 'a', 'b', 'a']);
    await submit('c-1', { tenantId: 'c' });
    const [next] = await queue.getJobs(['prioritized'], 0, 0, true);
    expect(next?.priority).toBe(1);
    expect(tenantsOf(await take(4))).toEqual(['b', 'c', 'a', 'b']);
  });

  it('gives a job that is submitted again the place that it has', async () => {
    const first = await submit('same', { seconds: 10, isRepeatable: true });
    await flood('b', 1);
    expect(await submit('same', { seconds: 10, isRepeatable: true })).toEqual(first);
    expect(await submit('next', { seconds: 1 })).toMatchObject({ priority: 1_001 });
  });
});

describe('the limits of the fair queue', () => {
  it('refuse a job that would begin too late, and only that', async () => {
    await flood('a', 10, { seconds: 2 });
    const limits = { secondsAhead: 15, jobs: 100 };
    const refused = await submit('a-refused', { tenantId: 'a' }, limits);
    expect(refused).toEqual({ verdict: 'late', secondsAhead: 20 });
    // Of the other tenant only what it has before, and what the flood has up to there.
    expect(await submit('b-1', { tenantId: 'b', seconds: 2 }, limits)).toMatchObject({ verdict: 'admitted', secondsAhead: 0 });
    expect(await submit('b-2', { tenantId: 'b', seconds: 2 }, limits)).toMatchObject({ verdict: 'admitted', secondsAhead: 4 });
    // The refused one has changed nothing.
    expect(await submit('a-next', { tenantId: 'a' })).toMatchObject({ secondsAhead: 24 });
  });

  it('refuse a job when too many wait, and tell how much there is', async () => {
    await flood('a', 3, { seconds: 2 });
    expect(await submit('b-1', { tenantId: 'b' }, { ...unlimited, jobs: 3 })).toEqual({ verdict: 'full', secondsAhead: 6 });
  });
});

describe('a look at the fair queue', () => {
  it('tells places and what is served before them', async () => {
    for (const id of ['a-1', 'a-2', 'a-3']) await submit(id, { tenantId: 'a', seconds: 2 });
    await submit('b-1', { tenantId: 'b', seconds: 3 });
    await submit('b-2', { tenantId: 'b', seconds: 3 });
    await take(1);
    const [gone, second, other, unknown] = await fair.look(['a-1', 'a-2', 'b-2', 'x']);
    expect([gone, unknown]).toEqual([undefined, undefined]);
    // b-1 began at 0, so it is next; of a there are then 2 s up to tag 2, and b-2 begins at 3.
    expect(second).toEqual({ position: 2, secondsAhead: 4 });
    expect(other).toMatchObject({ position: 3 });
    expect(await fair.look([])).toEqual([]);
  });

  it('counts what was put back before all others', async () => {
    await submit('a-1');
    await submit('a-2');
    await queue.add('generation', encodeGenerationJob(GenerationJob.fromPartial({ id: 'back', model })), { jobId: 'back' });
    expect(await fair.look(['a-2'])).toMatchObject([{ position: 3 }]);
  });
});

describe('a queue that is longer than priorities reach', () => {
  it('is still let into, and taken from in order as far as they do', async () => {
    await flood('a', 4, { seconds: 10_000 });
    expect(tenantsOf(await take(4))).toEqual(['a', 'a', 'a', 'a']);
  });
});

describe('the work of a queue', () => {
  it('is what waits in compute, of all tenants, and goes as jobs are taken', async () => {
    expect(await fair.workload(4)).toMatchObject({ waitingSeconds: 0, waitingJobs: 0, returnedJobs: 0 });
    await flood('a', 3, { seconds: 2 });
    await flood('b', 2, { seconds: 5, weight: 2 });
    expect(await fair.workload(4)).toMatchObject({ waitingSeconds: 16, waitingJobs: 5, returnedJobs: 0 });
    await take(5);
    expect(await fair.workload(4)).toMatchObject({ waitingSeconds: 0, waitingJobs: 0 });
  });

  it('counts what was put back by itself', async () => {
    await flood('a', 1, { seconds: 2 });
    await queue.add('generation', encodeGenerationJob(GenerationJob.fromPartial({ id: 'back', model })), { jobId: 'back' });
    expect(await fair.workload(1)).toMatchObject({ waitingSeconds: 2, waitingJobs: 1, returnedJobs: 1 });
  });

  it('remembers what was admitted, and not what was refused, by spans', async () => {
    await flood('a', 3, { seconds: 2 });
    await submit('late', { tenantId: 'a', seconds: 2 }, { secondsAhead: 1, jobs: 100 });
    const keys = await redis.keys('*:arrivals:*');
    const sums = (await redis.mget(keys)).map(Number);
    expect(sums.reduce((a, b) => a + b)).toBe(6);
    expect(await redis.ttl(keys[0] as string)).toBeGreaterThan(3_500);

    // The span that is under way is not told: as it was a span ago, all of it is.
    const { spanSeconds } = await fair.workload(1);
    for (const key of keys) {
      const [prefix, span] = key.split(/(?<=arrivals:)/);
      await redis.rename(key, `${prefix}${Number(span) - 2}`);
    }
    const { arrivals } = await fair.workload(8);
    expect(spanSeconds).toBe(15);
    expect(arrivals).toHaveLength(8);
    expect(arrivals.reduce((a, b) => a + b)).toBe(6);
    expect(arrivals.slice(0, 4)).toEqual([0, 0, 0, 0]);
  });
});
