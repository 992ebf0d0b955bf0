import {
  DarkroomError,
  decodeGenerationJob,
  encodeGenerationJob,
  encodeGenerationResult,
  fromQueue,
  GenerationJob,
  GenerationResult,
  newGenerationId,
  toQueue,
} from '@darkroom/contracts';
import { type RedisServer, startRedisServer } from '@darkroom/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Log } from '../telemetry/log.js';
import { closeGenerationEvents, openGenerationEvents, openGenerationQueue, openGenerationWorker } from './generation-queue.js';
import { connectRedis, redisMissing, redisUnavailable } from './redis.js';

const log = Log.create('spec', 'silent');
const model = 'pocket';
let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.dispose());

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
function closeAfter<Value extends { close(): Promise<unknown> }>(value: Value): Value {
  closing.push(() => value.close());
  return value;
}

/** The producing end fails at once while it isn't connected, at its start too; this waits until it is. */
async function connectedQueue() {
  const queue = closeAfter(openGenerationQueue(model, server.url, log));
  await expect.poll(() => queue.count().then(() => 'connected', String)).toBe('connected');
  return queue;
}

const job = (id: string) => encodeGenerationJob(GenerationJob.fromPartial({ id, model, prompt: 'a red apple', steps: 20 }));
const result = (id: string) => encodeGenerationResult(GenerationResult.fromPartial({ id }));

describe('the generation queue', () => {
  it('carries a job to a worker and its result back', async () => {
    const queue = await connectedQueue();
    const events = closeAfter(openGenerationEvents(model, server.url, log));
    await events.waitUntilReady();
    closeAfter(openGenerationWorker(model, server.url, log, async ({ data }) => result(decodeGenerationJob(data).id)));
    const id = newGenerationId();
    const added = await queue.add('generation', job(id), { jobId: id });
    expect(await added.waitUntilFinished(events)).toEqual(result(id));
    expect((await queue.getJob(id))?.returnvalue).toEqual(result(id));
  });

  it('ends listening also while its connection is being made again', async () => {
    const own = await startRedisServer();
    const events = openGenerationEvents(model, own.url, log);
    await events.waitUntilReady();
    await own.dispose();
    await closeGenerationEvents(events);
  });

  it('runs a job that is added twice under one id once', async () => {
    const queue = await connectedQueue();
    let runs = 0;
    closeAfter(
      openGenerationWorker(model, server.url, log, async ({ id }) => {
        runs += 1;
        return result(String(id));
      }),
    );
    const id = newGenerationId();
    await Promise.all([queue.add('generation', job(id), { jobId: id }), queue.add('generation', job(id), { jobId: id })]);
    await expect.poll(() => queue.getJobState(id)).toBe('completed');
    await queue.add('generation', job(id), { jobId: id });
    expect(await queue.getJobState(id)).toBe('completed');
    expect(runs).toBe(1);
  });

  it("keeps a failed job's error whole, and never tries it again by itself", async () => {
    const queue = await connectedQueue();
    const error = new DarkroomError({ code: 'content_policy_violation', message: 'the image was refused', category: 'sexual' });
    let runs = 0;
    closeAfter(
      openGenerationWorker(model, server.url, log, async () => {
        runs += 1;
        throw new Error(toQueue(error));
      }),
    );
    const id = newGenerationId();
    await queue.add('generation', job(id), { jobId: id });
    await expect.poll(() => queue.getJobState(id)).toBe('failed');
    expect(fromQueue((await queue.getJob(id))?.failedReason)).toMatchObject({
      code: error.code,
      message: error.message,
      category: 'sexual',
    });
    expect(runs).toBe(1);
  });

  it('gives the job of a worker that died to another one, also many times', { timeout: 30_000 }, async () => {
    const queue = await connectedQueue();
    const id = newGenerationId();
    await queue.add('generation', job(id), { jobId: id });
    const short = { lockDuration: 400, stalledInterval: 200 };
    for (let death = 0; death < 3; death += 1) {
      const taken = Promise.withResolvers<void>();
      const doomed = openGenerationWorker(
        model,
        server.url,
        log,
        () => {
          taken.resolve();
          return new Promise(() => {});
        },
        { ...short, skipLockRenewal: true },
      );
      await taken.promise;
      await doomed.close(true);
    }
    closeAfter(openGenerationWorker(model, server.url, log, async () => result(id), short));
    await expect.poll(() => queue.getJobState(id)).toBe('completed');
  });
});

describe('while Redis is away', () => {
  it('commands and adds fail at once, and everything works again when it is back', { timeout: 40_000 }, async () => {
    const redis = connectRedis(server.url, log);
    closing.push(async () => redis.disconnect());
    const queue = await connectedQueue();
    const events = closeAfter(openGenerationEvents(model, server.url, log));
    closeAfter(openGenerationWorker(model, server.url, log, async ({ id }) => result(String(id))));
    await events.waitUntilReady();
    await expect.poll(() => redisMissing(redis)).toBeUndefined();

    await server.kill();
    await expect.poll(() => redis.status).not.toBe('ready');
    expect(await redisMissing(redis)).toBe('Redis is not reachable');
    const started = performance.now();
    const id = newGenerationId();
    const failure = await queue.add('generation', job(id), { jobId: id }).catch((error: unknown) => redisUnavailable(error));
    expect(failure).toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 });
    await expect(redis.get('x')).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(500);

    await server.start();
    await expect.poll(() => redisMissing(redis).catch(String)).toBeUndefined();
    const after = newGenerationId();
    await expect
      .poll(
        () =>
          queue.add('generation', job(after), { jobId: after }).then(
            () => 'added',
            () => 'not yet',
          ),
        { timeout: 20_000 },
      )
      .toBe('added');
    const added = await queue.getJob(after);
    expect(await added?.waitUntilFinished(events, 20_000)).toEqual(result(after));
  });

  it('a producer that starts first begins to work when Redis does', { timeout: 30_000 }, async () => {
    await server.stop();
    const queue = closeAfter(openGenerationQueue(model, server.url, log));
    const id = newGenerationId();
    const started = performance.now();
    await expect(
      Promise.race([
        queue.add('generation', job(id), { jobId: id }),
        new Promise((_r, reject) => setTimeout(reject, 1_000, new Error('hangs'))),
      ]),
    ).rejects.not.toThrow('hangs');
    expect(performance.now() - started).toBeLessThan(900);
    await server.start();
    await expect
      .poll(
        () =>
          queue.add('generation', job(id), { jobId: id }).then(
            () => 'added',
            (error: Error) => error.message,
          ),
        { timeout: 20_000 },
      )
      .toBe('added');
  });
});
