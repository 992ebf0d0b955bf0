/** The denoiser as a service: a real Redis, real gRPC, the real pocket model. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  checkpointKey,
  decodeGenerationJob,
  decodeGenerationResult,
  encodeGenerationJob,
  fromQueue,
  GenerationJob,
  type GenerationProgress,
  type GenerationResult,
  ImageFormat,
  imageKey,
  newGenerationId,
  promptKey,
  resultKey,
} from '@darkroom/contracts';
import { type BlobStore, LocalBlobStore, Log, type RunningService, startService } from '@darkroom/service-kit';
import {
  connectRedis,
  GENERATION_JOB,
  type GenerationQueue,
  openDeadLetters,
  openGenerationEvents,
  openGenerationQueue,
  openGenerationWorker,
  requestCancellation,
} from '@darkroom/service-kit/queue';
import { type RedisServer, startRedisServer, type TemporaryFolder, temporaryFolder } from '@darkroom/testing';
import type { QueueEvents } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppModule } from './app.module.js';
import { Attempts } from './attempts.js';
import { Config } from './config.js';
import { modelsDir, Neighbours } from './neighbours.fixture.js';

let folder: TemporaryFolder;
let redis: RedisServer;
let neighbours: Neighbours;
let redisCommands: ReturnType<typeof connectRedis>;
let queue: GenerationQueue;
let events: QueueEvents;
let blobs: BlobStore;
let service: RunningService;

beforeAll(async () => {
  folder = await temporaryFolder();
  redis = await startRedisServer();
  neighbours = await Neighbours.start();
  const silent = Log.create('spec', 'silent');
  redisCommands = connectRedis(redis.url, silent);
  queue = openGenerationQueue('pocket', redis.url, silent);
  events = openGenerationEvents('pocket', redis.url, silent);
  // The producing end fails at once while it isn't connected, at its start too.
  await vi.waitFor(() => queue.count());
  await events.waitUntilReady();
  blobs = new LocalBlobStore(join(folder.path, 'blobs'));
  service = await startDenoiser();
});
afterEach(() => neighbours.reset());
afterAll(async () => {
  await service.stop();
  await Promise.all([queue.close(), events.close(), neighbours.close()]);
  redisCommands.disconnect();
  await redis.dispose();
  await folder.remove();
});

async function startDenoiser(): Promise<RunningService> {
  return await startService({
    config: Config,
    module: AppModule,
    environment: {
      ...neighbours.environment,
      HTTP_PORT: '0',
      LOG_LEVEL: 'silent',
      DARKROOM_STATE_DIR: folder.path,
      REDIS_URL: redis.url,
      MODELS_DIR: modelsDir,
      MODEL: 'pocket',
      INTRA_OP_THREADS: '2',
    },
  });
}

const newJob = (overrides: Partial<GenerationJob> = {}): GenerationJob =>
  GenerationJob.fromPartial({
    id: newGenerationId(),
    tenantId: 'ten_1',
    keyId: 'key_1',
    model: 'pocket',
    prompt: 'a red apple',
    width: 96,
    height: 64,
    steps: 3,
    guidanceScale: 4,
    seed: 7,
    imageCount: 1,
    format: ImageFormat.IMAGE_FORMAT_PNG,
    createdAtMs: Date.now(),
    ...overrides,
  });

const enqueue = (job: GenerationJob, options: { timestamp?: number } = {}) =>
  queue.add(GENERATION_JOB, encodeGenerationJob(job), { jobId: job.id, ...options });

async function generate(overrides: Partial<GenerationJob> = {}): Promise<GenerationResult> {
  const queued = await enqueue(newJob(overrides));
  return decodeGenerationResult(await queued.waitUntilFinished(events, 60_000));
}

/** Waits until a job has failed and returns the error that the worker left. */
async function failure(job: GenerationJob, options: { timestamp?: number } = {}) {
  const queued = await enqueue(job, options);
  const reason = await queued.waitUntilFinished(events, 60_000).then(
    () => expect.fail('the job finished'),
    (error: Error) => error.message,
  );
  return fromQueue(reason);
}

const metrics = async () => await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();

const digestOf = ({ images }: GenerationResult, index = 0) => images[index]?.sha256;

describe('a generation', () => {
  it('is encoded, denoised, decoded, moderated, stored, and entered into the ledger', async () => {
    const job = newJob();
    const result = await generate(job);

    const [image] = result.images;
    const bytes = await blobs.get(imageKey(job.id, 0, job.format));
    expect(image).toMatchObject({
      index: 0,
      seed: 7,
      blobKey: imageKey(job.id, 0, job.format),
      contentType: 'image/png',
      width: 96,
      height: 64,
    });
    expect(
      createHash('sha256')
        .update(bytes ?? '')
        .digest('hex'),
    ).toBe(image?.sha256);
    expect(await blobs.exists(resultKey(job.id))).toBe(true);
    expect(neighbours.usage).toMatchObject([
      {
        generationId: job.id,
        tenantId: 'ten_1',
        keyId: 'key_1',
        model: 'pocket',
        imageCount: 1,
        width: 96,
        height: 64,
        steps: 3,
        guidancePasses: 2,
      },
    ]);
  });

  it('comes with a receipt that says how to make it again, and where its time went', async () => {
    const start = performance.now();
    const { receipt } = await generate({ seed: 11, guidanceScale: 2.5 });
    const elapsedMs = performance.now() - start;
    expect(receipt).toMatchObject({
      model: 'pocket',
      modelDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      scheduler: 'FlowMatchEulerDiscreteScheduler',
      steps: 3,
      guidanceScale: 2.5,
      seed: 11,
      versions: { 'onnxruntime-node': expect.stringMatching(/^\d+\.\d+/) },
    });
    const timings = receipt?.timings ?? [];
    expect(timings.map(({ stage }) => stage)).toEqual(['queue', 'encode', 'denoise', 'decode', 'moderate', 'store']);
    for (const { totalMs, kernelMs } of timings) {
      expect(totalMs).toBeGreaterThanOrEqual(kernelMs);
    }
    expect(timings.filter(({ kernelMs }) => kernelMs > 0).map(({ stage }) => stage)).toEqual([
      'encode',
      'denoise',
      'decode',
      'moderate',
    ]);
    expect(timings.reduce((sum, { totalMs }) => sum + totalMs, 0)).toBeLessThan(elapsedMs);
  });

  it('is the same for the same seed and another for another; image i has seed + i', async () => {
    const pair = await generate({ seed: 7, imageCount: 2 });
    expect(digestOf(await generate({ seed: 7 }))).toBe(digestOf(pair));
    expect(digestOf(await generate({ seed: 8 }))).toBe(digestOf(pair, 1));
    expect(digestOf(pair)).not.toBe(digestOf(pair, 1));
    expect(pair.images.map(({ seed }) => seed)).toEqual([7, 8]);
  });

  it('gives the same bytes in the company of others, with which it shares its steps', { timeout: 60_000 }, async () => {
    const company: Partial<GenerationJob>[] = [
      { seed: 1, steps: 5 },
      { seed: 2, steps: 8, tenantId: 'ten_2' },
      { seed: 3, steps: 7, guidanceScale: 1 },
      { seed: 4, steps: 4, width: 64 },
    ];
    const together = await Promise.all(company.map(generate));
    for (const [index, each] of company.entries()) {
      expect(digestOf(await generate(each))).toBe(digestOf(together[index] as GenerationResult));
    }
  });

  it('tells its progress', async () => {
    const seen: GenerationProgress[] = [];
    const listen = ({ data }: { data: unknown }) => seen.push(data as GenerationProgress);
    events.on('progress', listen);
    await generate({ width: 256, height: 256, steps: 20 });
    events.off('progress', listen);
    expect(seen[0]).toMatchObject({ stage: 'encode', step: 0, steps: 20, image: 0, images: 1 });
    expect(seen.some(({ stage, step }) => stage === 'denoise' && step > 0)).toBe(true);
  });

  it('reads a long prompt from the blob store, and deletes it when done', async () => {
    const job = newJob();
    await blobs.put(promptKey(job.id), Buffer.from('a red apple'), 'text/plain');
    const result = await generate({ ...job, prompt: '', promptBlobKey: promptKey(job.id) });
    expect(digestOf(result)).toBe(digestOf(await generate()));
    expect(await blobs.exists(promptKey(job.id))).toBe(false);
  });
});

describe('a picture that is refused', () => {
  it('fails the generation with its category, and nothing is stored or charged', async () => {
    neighbours.refuse('sexual');
    const job = newJob({ imageCount: 2 });
    expect(await failure(job)).toMatchObject({ code: 'content_policy_violation', category: 'sexual' });
    expect(await blobs.exists(imageKey(job.id, 0, job.format))).toBe(false);
    expect(await blobs.exists(resultKey(job.id))).toBe(false);
    expect(neighbours.usage).toEqual([]);
  });

  it('is what a picture without a verdict is treated as: it is not delivered', async () => {
    neighbours.verdict = undefined;
    const job = newJob();
    expect(await failure(job)).toMatchObject({ code: 'internal' });
    expect(await blobs.exists(imageKey(job.id, 0, job.format))).toBe(false);
  });
});

describe('a neighbour that is away', () => {
  it.each(['decoder', 'moderator', 'controlPlane'] as const)('is waited for after the steps are made: %s', async (name) => {
    neighbours.takeAway(name);
    const job = newJob();
    const queued = await enqueue(job);
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(await queued.getState()).toBe('active');
    await neighbours.bringBack(name);
    expect(digestOf(decodeGenerationResult(await queued.waitUntilFinished(events, 30_000)))).toBeDefined();
    expect(neighbours.usage).toHaveLength(1);
  });

  it('sends the job back to wait before they are made, which is no failure', async () => {
    neighbours.takeAway('encoder');
    const queued = await enqueue(newJob());
    await expect.poll(() => queued.getState(), { timeout: 10_000 }).toBe('delayed');
    await neighbours.bringBack('encoder');
    expect(digestOf(decodeGenerationResult(await queued.waitUntilFinished(events, 30_000)))).toBeDefined();
  });

  it('fails a job that has waited for 15 minutes', async () => {
    neighbours.takeAway('encoder');
    expect(await failure(newJob(), { timestamp: Date.now() - 16 * 60_000 })).toMatchObject({
      code: 'unavailable',
      message: 'prompt-encoder is not reachable',
    });
  });
});

describe('a job that is run again', () => {
  it('returns what was stored before, without new steps, and its usage is entered', async () => {
    const job = newJob({ imageCount: 1 });
    const first = await generate(job);
    await (await queue.getJob(job.id))?.remove();
    neighbours.takeAway('encoder');
    neighbours.takeAway('decoder');
    expect(await generate(job)).toEqual(first);
    expect(neighbours.usage.map(({ generationId }) => generationId)).toEqual([job.id, job.id]);
  });

  it('is refused when it is no job of ours', async () => {
    const queued = await queue.add(GENERATION_JOB, { payload: 'AAAA' }, { jobId: newGenerationId() });
    await expect(queued.waitUntilFinished(events, 10_000)).rejects.toThrow(/the queue holds something that is no GenerationJob/);
  });
});

/** Waits until a job has made some steps. */
async function midway(job: GenerationJob, steps = 3): Promise<void> {
  const step = async () => ((await queue.getJob(job.id))?.progress as GenerationProgress | undefined)?.step ?? 0;
  await expect.poll(step, { timeout: 20_000, interval: 20 }).toBeGreaterThan(steps);
}

const long = { width: 256, height: 256, steps: 60 };

describe('a service that is told to stop', () => {
  it('hands its job on within a step; the next one goes on from there, makes the same bytes, and charges once', {
    timeout: 60_000,
  }, async () => {
    const undisturbed = await generate({ ...long, imageCount: 2 });
    neighbours.usage.length = 0;

    const job = newJob({ ...long, imageCount: 2 });
    const queued = await enqueue(job);
    await midway(job);
    await service.stop();
    expect(await queued.getState()).toBe('waiting');
    expect(await blobs.exists(checkpointKey(job.id, 0))).toBe(true);

    service = await startDenoiser();
    const result = decodeGenerationResult(await queued.waitUntilFinished(events, 60_000));
    expect(result.images.map(({ sha256 }) => sha256)).toEqual(undisturbed.images.map(({ sha256 }) => sha256));
    expect(result.evaluations).toBe(undisturbed.evaluations);
    expect(neighbours.usage).toMatchObject([{ generationId: job.id, evaluations: 60 * 2 * 2, outcome: 'succeeded' }]);
    expect(await metrics()).toMatch(/darkroom_images_resumed_total\{[^}]*result="resumed"[^}]*\} 2/);
    expect(await blobs.exists(checkpointKey(job.id, 0))).toBe(false);
  });

  it('hands a damaged checkpoint on to one that starts anew, and makes the same bytes', { timeout: 60_000 }, async () => {
    const undisturbed = await generate(long);
    const job = newJob(long);
    const queued = await enqueue(job);
    await midway(job);
    await service.stop();
    await blobs.put(checkpointKey(job.id, 0), Buffer.from('no checkpoint'), 'application/octet-stream');

    service = await startDenoiser();
    const result = decodeGenerationResult(await queued.waitUntilFinished(events, 60_000));
    expect(digestOf(result)).toBe(digestOf(undisturbed));
    expect(result.evaluations).toBe(undisturbed.evaluations);
    expect(await metrics()).toMatch(/darkroom_images_resumed_total\{[^}]*result="corrupted"[^}]*\} 1/);
  });
});

describe('a generation that is wanted no more', () => {
  it('ends within a step when it is cancelled, and is charged for what it used', async () => {
    const job = newJob({ ...long, steps: 100 });
    const failed = failure(job);
    await midway(job, 10);
    await requestCancellation(redisCommands, job.id);
    expect(await failed).toMatchObject({ code: 'cancelled' });
    expect(neighbours.usage).toMatchObject([{ generationId: job.id, outcome: 'cancelled', imageCount: 1 }]);
    expect(neighbours.usage[0]?.evaluations).toBeGreaterThanOrEqual(20);
    expect(neighbours.usage[0]?.evaluations).toBeLessThan(200);
    expect(neighbours.usage[0]?.kernelMs).toBeGreaterThan(0);
    expect(await blobs.exists(checkpointKey(job.id, 0))).toBe(false);
    expect(await blobs.exists(imageKey(job.id, 0, job.format))).toBe(false);
  });

  it('is dropped untouched when it was cancelled in the queue', async () => {
    const job = newJob(long);
    await requestCancellation(redisCommands, job.id);
    expect(await failure(job)).toMatchObject({ code: 'cancelled' });
    expect(neighbours.usage).toEqual([]);
  });

  it('ends when its deadline passes, before or while it runs', async () => {
    expect(await failure(newJob({ deadlineAtMs: Date.now() - 1 }))).toMatchObject({ code: 'deadline_exceeded' });
    expect(neighbours.usage).toEqual([]);
    const job = newJob({ ...long, steps: 100, deadlineAtMs: Date.now() + 700 });
    expect(await failure(job)).toMatchObject({ code: 'deadline_exceeded' });
    expect(neighbours.usage).toMatchObject([{ generationId: job.id, outcome: 'deadline_exceeded' }]);
  });

  it('does not touch the one beside it', async () => {
    const [unwanted, wanted] = [newJob({ ...long, steps: 100 }), newJob(long)];
    const alone = digestOf(await generate(long));
    const [cancelled, queued] = [failure(unwanted), await enqueue(wanted)];
    await midway(unwanted);
    await requestCancellation(redisCommands, unwanted.id);
    await cancelled;
    expect(digestOf(decodeGenerationResult(await queued.waitUntilFinished(events, 60_000)))).toBe(alone);
  });
});

describe("a generation that ends its worker's process", () => {
  /** Takes a job as a worker does that dies in the middle of it: it says that it runs it, and then nothing more. */
  async function dieOf(job: GenerationJob): Promise<void> {
    const taken = Promise.withResolvers<void>();
    const doomed = openGenerationWorker(
      'pocket',
      redis.url,
      Log.create('spec', 'silent'),
      async () => {
        const attempts = new Attempts(redisCommands);
        await attempts.deaths(job.id, 0);
        await attempts.begin(job.id, 'doomed');
        taken.resolve();
        return await new Promise(() => {});
      },
      { lockDuration: 200, stalledInterval: 100, skipLockRenewal: true },
    );
    await taken.promise;
    await doomed.close(true);
  }

  it('is tried again once, and then set aside with its reason where an operator finds it', { timeout: 60_000 }, async () => {
    await service.stop();
    const job = newJob();
    const queued = await enqueue(job);
    await dieOf(job);
    await dieOf(job);
    service = await startDenoiser();
    const reason = await queued.waitUntilFinished(events, 30_000).catch((error: Error) => error.message);
    expect(fromQueue(reason as string)).toMatchObject({ code: 'worker_lost' });
    const letters = openDeadLetters('pocket', redis.url, Log.create('spec', 'silent'));
    await vi.waitFor(() => letters.count());
    const letter = await letters.getJob(job.id);
    expect(decodeGenerationJob(letter?.data).id).toBe(job.id);
    expect(fromQueue(letter?.data.reason)).toMatchObject({ code: 'worker_lost' });
    await letters.close();
    expect(neighbours.usage).toEqual([]);
  });

  it('is finished when the second worker lives, alone', { timeout: 60_000 }, async () => {
    await service.stop();
    const job = newJob();
    const queued = await enqueue(job);
    await dieOf(job);
    service = await startDenoiser();
    const others = Promise.all([generate({ seed: 1 }), generate({ seed: 2 })]);
    expect(decodeGenerationResult(await queued.waitUntilFinished(events, 30_000)).images).toHaveLength(1);
    await others;
  });
});

describe('the service', () => {
  it('publishes how its jobs ended, where time went, and how free its event loop was', async () => {
    await generate({ width: 256, height: 256, steps: 10 });
    const text = await metrics();
    expect(text).toMatch(/darkroom_jobs_total\{[^}]*outcome="succeeded"[^}]*\} [1-9]/);
    expect(text).toMatch(/darkroom_stage_seconds_count\{[^}]*stage="denoise"[^}]*\} [1-9]/);
    expect(text).toMatch(/darkroom_step_kernel_seconds_count\{[^}]*\} [1-9]/);
    expect(text).toMatch(/darkroom_event_loop_delay_seconds\{[^}]*quantile="0.99"[^}]*\} [0-9.e-]+/);
  });
});
