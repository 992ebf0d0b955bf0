/** From a real queue, with a real worker, into the journal. */
import {
  DarkroomError,
  encodeGenerationJob,
  encodeGenerationResult,
  GenerationJob,
  GenerationResult,
  newGenerationId,
  toQueue,
} from '@darkroom/contracts';
import { Log, type RunningService, startService } from '@darkroom/service-kit';
import {
  type GenerationQueue,
  type GenerationWorker,
  openGenerationQueue,
  openGenerationWorker,
} from '@darkroom/service-kit/queue';
import { type RedisServer, startRedisServer, stateFolder, type TemporaryFolder } from '@darkroom/testing';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { AppModule } from '../app.module.js';
import { Config } from '../config.js';
import { ADMIN_TOKEN, readiness } from '../control-plane.fixture.js';
import { GenerationJournal } from './generation-journal.js';

const log = Log.create('spec', 'silent');
const model = 'pocket';
let folder: TemporaryFolder;
let server: RedisServer;
let service: RunningService;
let queue: GenerationQueue;
const workers: GenerationWorker[] = [];

async function start(): Promise<void> {
  service = await startService({
    config: Config,
    module: AppModule,
    environment: { LOG_LEVEL: 'silent', ADMIN_TOKEN, DARKROOM_STATE_DIR: folder.path, REDIS_URL: server.url },
  });
  await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
}

beforeAll(async () => {
  [folder, server] = await Promise.all([stateFolder(), startRedisServer()]);
  queue = openGenerationQueue(model, server.url, log);
  await vi.waitFor(() => queue.count(), { timeout: 20_000 });
  await start();
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close(true)));
});
afterAll(async () => {
  await service.stop();
  await queue.close();
  await server.dispose();
  await folder.remove();
});

/** Accepts a generation and adds it to its queue, as a gateway does. */
async function accept(): Promise<string> {
  const job = GenerationJob.fromPartial({ id: newGenerationId(), tenantId: 'ten_a', keyId: 'key_a', model, prompt: 'a fox' });
  const bytes = Buffer.from(GenerationJob.encode(job).finish());
  await service.app.get(GenerationJournal).accept([{ job, bytes, idempotencyKey: null, requestDigest: null }]);
  await queue.add('generation', encodeGenerationJob(job), { jobId: job.id });
  return job.id;
}
const rowOf = (id: string) => service.app.get(GenerationJournal).find(id);
const statusOf = async (id: string) => (await rowOf(id))?.status;

function work(process: (id: string) => Promise<void>): void {
  const finish = async (id = '') => {
    await process(id);
    return encodeGenerationResult(GenerationResult.fromPartial({ id }));
  };
  workers.push(openGenerationWorker(model, server.url, log, ({ id }) => finish(id), { name: 'worker-1', drainDelay: 1 }));
}

it('a generation is seen to run and to succeed, by whom and when', { timeout: 20_000 }, async () => {
  const gate = Promise.withResolvers<void>();
  const id = await accept();
  expect(await statusOf(id)).toBe('accepted');
  work(() => gate.promise);
  await expect.poll(() => statusOf(id)).toBe('running');
  expect(await rowOf(id)).toMatchObject({ worker: 'worker-1', attempts: 1, endedAt: null });
  gate.resolve();
  await expect.poll(() => statusOf(id)).toBe('succeeded');
  const { startedAt, endedAt, job } = (await rowOf(id)) as NonNullable<Awaited<ReturnType<typeof rowOf>>>;
  expect(endedAt?.getTime()).toBeGreaterThanOrEqual(startedAt?.getTime() as number);
  expect(job).toBeNull();
});

it('a failure and a cancellation are told apart, with their codes', { timeout: 20_000 }, async () => {
  const ids = [await accept(), await accept()];
  const errors = [
    new DarkroomError({ code: 'content_policy_violation', message: 'refused' }),
    new DarkroomError({ code: 'cancelled', message: 'the generation was cancelled' }),
  ];
  work((id) => Promise.reject(new Error(toQueue(errors[ids.indexOf(id)] as DarkroomError))));
  await expect.poll(() => Promise.all(ids.map(statusOf))).toEqual(['failed', 'cancelled']);
  expect(await rowOf(ids[0] as string)).toMatchObject({ errorCode: 'content_policy_violation', errorMessage: 'refused' });
});

it('what happened while there was no control plane, or no Redis, is found by the next look', { timeout: 60_000 }, async () => {
  const ids = [await accept(), await accept()];
  await service.stop();
  work(async () => {});
  await expect.poll(() => queue.getJobCountByTypes('completed')).toBeGreaterThanOrEqual(3);
  await start();
  await expect.poll(() => Promise.all(ids.map(statusOf))).toEqual(['succeeded', 'succeeded']);

  await Promise.all(workers.splice(0).map((worker) => worker.close(true)));
  const waiting = await accept();
  await server.kill();
  await server.start();
  work(async () => {});
  await expect.poll(() => statusOf(waiting)).toBe('succeeded');
});
