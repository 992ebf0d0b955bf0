import { WorkerReport } from '@darkroom/contracts';
import { connectRedis, publishWorkerReport } from '@darkroom/service-kit/queue';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  errorOf,
  gateway,
  generationOf,
  get,
  log,
  redis,
  startGateway,
  submitJob,
  url,
  useGateway,
  work,
} from '../gateway.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

let commands: ReturnType<typeof connectRedis>;
beforeAll(async () => {
  await gateway.stop();
  await startGateway({ QUEUE_LIMIT_SECONDS: '60', QUEUE_LIMIT_JOBS: '8' });
  commands = connectRedis(redis.url, log);
  await vi.waitFor(() => expect(commands.status).toBe('ready'), { timeout: 20_000 });
});
afterAll(() => commands.disconnect());

// A guided image of 256x256 in 20 steps takes 2 s of a device, and 4 s from being taken to being stored.
const passTimes = [
  { pixels: 65_536, rows: 2, ms: 175 },
  { pixels: 65_536, rows: 8, ms: 400 },
];
/** Lets a worker report, and waits until the gateway has heard of it. */
async function report(model: string, remainingSeconds = 0, more: Partial<WorkerReport> = {}) {
  const loads = [{ tenantId: 'ten_alice', remainingSeconds, generationId: 'gen_other', finishSeconds: remainingSeconds }];
  const worker = { workerId: 'w', concurrency: 1, running: 1, loads, passTimes, otherSeconds: 0.5, ...more };
  await publishWorkerReport(commands, model, WorkerReport.fromPartial(worker));
  await new Promise((resolve) => setTimeout(resolve, 600));
}

const body = (more: object = {}) => ({ prompt: 'a red apple', size: '256x256', steps: 20, ...more });
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
const secondsUntil = (moment: string | null | undefined) => (Date.parse(moment ?? '') - Date.now()) / 1_000;
const progressOf = async (response: Response) => (await generationOf(response)).progress;

describe('a generation that waits', () => {
  it('tells its place, and when it will be done as soon as there is a worker to tell by', async () => {
    const first = await submitJob(body());
    expect(first.status).toBe(202);
    expect(await progressOf(first)).toMatchObject({ stage: 'queue', step: 0, queue_position: 1, expected_finish: null });
    await report('pocket');
    const second = await submitJob(body());
    const progress = await progressOf(second);
    expect(progress).toMatchObject({ stage: 'queue', step: 0, steps: 20, queue_position: 2 });
    // What the first takes was only assumed then, and little.
    expect(secondsUntil(progress?.expected_finish)).toBeGreaterThan(3.5);
    expect(secondsUntil(progress?.expected_finish)).toBeLessThan(5);
    const third = await generationOf(await submitJob(body()));
    expect(secondsUntil(third.progress?.expected_finish)).toBeGreaterThan(5.5);
    expect(await progressOf(await get(`/v1/generations/${third.id}`))).toMatchObject({ queue_position: 3 });
    work();
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${third.id}`))).status).toBe('succeeded');
    expect((await generationOf(await get(`/v1/generations/${third.id}`))).progress).toBeNull();
  });

  it('is told in its stream of events how it comes forward', async () => {
    await report('pocket');
    const gate = Promise.withResolvers<void>();
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) ids.push((await generationOf(await submitJob(body()))).id);
    const controller = new AbortController();
    const response = await fetch(`${url}/v1/generations/${ids[2]}/events`, {
      headers: { authorization: 'Bearer dk_alice' },
      signal: controller.signal,
    });
    let told = '';
    const reading = (async () => {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) told += chunk;
    })();
    await expect.poll(() => told).toMatch(/event: progress\ndata: \{[^\n]*"queue_position":3/);
    work(() => gate.promise);
    await expect.poll(() => told).toMatch(/"queue_position":2/);
    gate.resolve();
    await reading;
    expect(told).toMatch(/event: succeeded/);
  });
});

describe('admission', () => {
  it('refuses what would be done after its deadline, and says when the same would be let in', async () => {
    await report('second', 10);
    const late = await submitJob(body({ model: 'second', deadline: inSeconds(9) }));
    expect(late.status).toBe(429);
    expect(await errorOf(late)).toMatchObject({ code: 'rate_limited', param: 'deadline' });
    const retryAfter = Number(late.headers.get('retry-after'));
    // Done in 14 s, asked for in 9.
    expect(retryAfter).toBeGreaterThanOrEqual(5);
    expect(retryAfter).toBeLessThanOrEqual(6);
    await report('second', 10 - retryAfter);
    expect((await submitJob(body({ model: 'second', deadline: inSeconds(9) }))).status).toBe(202);
  });

  it('refuses a deadline that no waiting can meet', async () => {
    await report('second', 0, { running: 0 });
    const response = await submitJob(body({ model: 'second', deadline: inSeconds(2) }));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_argument', param: 'deadline' });
  });

  it("refuses a tenant's flood at its limit, and nobody else", async () => {
    await report('pocket');
    // Ten images each: 20 s of a device. The fifth would begin after 80 s.
    const flood: Response[] = [];
    for (let i = 0; i < 5; i += 1) flood.push(await submitJob(body({ n: 10 })));
    expect(flood.map(({ status }) => status)).toEqual([202, 202, 202, 202, 429]);
    const refused = flood[4] as Response;
    expect(Number(refused.headers.get('retry-after'))).toBe(20);
    expect((await errorOf(refused)).message).toMatch(/80 seconds of work/);
    const other = await submitJob(body(), {}, 'dk_bob');
    const { id, progress } = await generationOf(other);
    expect(progress).toMatchObject({ queue_position: 2 });
    work();
    const last = await generationOf(flood[3] as Response);
    const statusOf = async (each: string, key: string) => (await generationOf(await get(`/v1/generations/${each}`, key))).status;
    await expect.poll(() => statusOf(id, 'dk_bob')).toBe('succeeded');
    await expect.poll(() => statusOf(last.id, 'dk_alice')).toBe('succeeded');
  });

  it('refuses whoever comes when the queue is full', async () => {
    for (let i = 0; i < 12; i += 1) {
      const response = await submitJob(body({ steps: 1 }), {}, i % 2 === 0 ? 'dk_alice' : 'dk_bob');
      if (response.status === 202) continue;
      expect(response.status).toBe(429);
      expect((await errorOf(response)).message).toMatch(/8 generations wait already/);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      work();
      return;
    }
    expect.fail('nothing was refused');
  });

  it('takes twenty submissions under one Idempotency-Key for one, at one price', async () => {
    await report('second');
    const headers = { 'idempotency-key': 'twenty' };
    const all = await Promise.all(Array.from({ length: 20 }, () => submitJob(body({ model: 'second', n: 10 }), headers)));
    const ids = new Set(await Promise.all(all.map(async (response) => (await generationOf(response)).id)));
    expect(ids.size).toBe(1);
    // Had each been priced, this one would begin 400 s later.
    const next = await submitJob(body({ model: 'second' }));
    expect(next.status).toBe(202);
    work(undefined, 'second');
  });
});
