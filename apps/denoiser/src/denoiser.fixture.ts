/** The denoiser as a service around the specs of a file: a real Redis, real gRPC, the real pocket model. */
import { join } from 'node:path';
import {
  decodeGenerationResult,
  encodeGenerationJob,
  fromQueue,
  GenerationJob,
  type GenerationResult,
  ImageFormat,
  newGenerationId,
} from '@darkroom/contracts';
import { type BlobStore, LocalBlobStore, Log, type RunningService, startService } from '@darkroom/service-kit';
import {
  connectRedis,
  GENERATION_JOB,
  type GenerationQueue,
  openGenerationEvents,
  openGenerationQueue,
  patientOptions,
  WEBHOOK_EVENTS,
} from '@darkroom/service-kit/queue';
import { Queue, type QueueEvents } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { AppModule } from './app.module.js';
import { Config } from './config.js';
import { modelsDir, Neighbours } from './neighbours.fixture.js';

export const silent = Log.create('spec', 'silent');
export let redisUrl: string;
export let neighbours: Neighbours;
export let redisCommands: ReturnType<typeof connectRedis>;
export let queue: GenerationQueue;
export let events: QueueEvents;
export let blobs: BlobStore;
let webhookEvents: Queue;
export let folder: TemporaryFolder;
let service: RunningService;

/** What the fixture takes of @darkroom/testing, which only specs themselves may import. */
interface TestingTools {
  startRedisServer(): Promise<RedisServer>;
  temporaryFolder(): Promise<TemporaryFolder>;
}

interface RedisServer {
  readonly url: string;
  dispose(): Promise<void>;
}

interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Puts a denoiser with all that it needs around the specs of a file. */
export function useDenoiser({ startRedisServer, temporaryFolder }: TestingTools): void {
  let redis: RedisServer;
  beforeAll(async () => {
    folder = await temporaryFolder();
    redis = await startRedisServer();
    redisUrl = redis.url;
    neighbours = await Neighbours.start();
    redisCommands = connectRedis(redisUrl, silent);
    queue = openGenerationQueue('pocket', redisUrl, silent);
    events = openGenerationEvents('pocket', redisUrl, silent);
    webhookEvents = new Queue(WEBHOOK_EVENTS, { connection: { url: redisUrl, ...patientOptions } });
    // The producing end fails at once while it isn't connected, at its start too.
    await vi.waitFor(() => queue.count());
    await events.waitUntilReady();
    blobs = new LocalBlobStore(join(folder.path, 'blobs'));
    await startDenoiser();
  });
  afterEach(() => neighbours.reset());
  afterAll(async () => {
    await stopDenoiser();
    await Promise.all([queue.close(), events.close(), webhookEvents.close(), neighbours.close()]);
    redisCommands.disconnect();
    await redis.dispose();
    await folder.remove();
  });
}

/** Starts the service, as {@link useDenoiser} has done once. */
export async function startDenoiser(extra: Record<string, string> = {}): Promise<void> {
  service = await startAnother(extra);
}

/** Starts a denoiser beside that one; whoever starts it stops it. */
export async function startAnother(extra: Record<string, string> = {}): Promise<RunningService> {
  return await startService({
    config: Config,
    module: AppModule,
    environment: {
      ...neighbours.environment,
      HTTP_PORT: '0',
      LOG_LEVEL: 'silent',
      DARKROOM_STATE_DIR: folder.path,
      REDIS_URL: redisUrl,
      MODELS_DIR: modelsDir,
      MODEL: 'pocket',
      INTRA_OP_THREADS: '2',
      ...extra,
    },
  });
}

export const stopDenoiser = () => service.stop();

export const newJob = (overrides: Partial<GenerationJob> = {}): GenerationJob =>
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

export const enqueue = (job: GenerationJob, options: { timestamp?: number; priority?: number } = {}) =>
  queue.add(GENERATION_JOB, encodeGenerationJob(job), { jobId: job.id, ...options });

type Enqueued = Awaited<ReturnType<typeof enqueue>>;

/** Waits until a job has finished and returns its result. */
export const resultOf = async (queued: Enqueued): Promise<GenerationResult> =>
  decodeGenerationResult(await queued.waitUntilFinished(events, 60_000));

export const generate = async (overrides: Partial<GenerationJob> = {}): Promise<GenerationResult> =>
  await resultOf(await enqueue(newJob(overrides)));

/** Waits until a job has failed and returns the error that the worker left. */
export async function failureOf(queued: Enqueued) {
  const reason = await queued.waitUntilFinished(events, 60_000).then(
    () => expect.fail('the job finished'),
    (error: Error) => error.message,
  );
  return fromQueue(reason);
}

export const failure = async (job: GenerationJob, options: { timestamp?: number } = {}) =>
  await failureOf(await enqueue(job, options));

export const metrics = async () => await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();

export const digestOf = ({ images }: GenerationResult, index = 0) => images[index]?.sha256;

/** Tells whether the end of a generation was told to whoever tells webhooks of it. */
export const isTold = async ({ id }: Pick<GenerationJob, 'id'>) => (await webhookEvents.getJobState(id)) !== 'unknown';
