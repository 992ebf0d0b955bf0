import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ControlPlaneServiceService,
  DarkroomError,
  decodeGenerationJob,
  encodeGenerationResult,
  formatNames,
  fromQueue,
  type GenerationJob,
  GenerationResult,
  imageKey,
  JournalServiceService,
  ModeratorServiceService,
  PromptEncoderServiceService,
  ProvenanceServiceService,
  ReviewServiceService,
  RoutingServiceService,
  toQueue,
  WebhookServiceService,
} from '@darkroom/contracts';
import { errorBody, generationBody } from '@darkroom/contracts/http';
import { LocalBlobStore, type RunningService, serve, startService } from '@darkroom/service-kit';
import { CancellationListener, connectRedis, type GenerationWorker, openGenerationWorker } from '@darkroom/service-kit/queue';
import { OpenAI } from 'openai';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { z } from 'zod';
import { AppModule } from './app.module.js';
import { reviewHandlers } from './appeals/review-service.fixture.js';
import { Config } from './config.js';
import { endJournalled, journalHandlers } from './journal/journal-service.fixture.js';
import {
  controlPlaneHandlers,
  encoderHandlers,
  log,
  moderatorHandlers,
  type Neighbour,
  provenanceHandlers,
  routingHandlers,
  startNeighbour,
} from './neighbours.fixture.js';
import { webhookHandlers } from './webhooks/webhook-service.fixture.js';

// The gateway as it is, with a real Redis, real gRPC and a real blob folder around it. The neighbours' handlers and the worker
// are this spec's own, since an app may not import another; apps/e2e runs them all.
export { DECISION, KEYS, LEDGER, log, ROUTES, SUMS, seen } from './neighbours.fixture.js';

/** What the models of these specs have for the digests of their files. */
const digestsOf = (model: string) => `{"files":{},"model":"${model}"}`;

export let redis: RedisServer;
export let commands: ReturnType<typeof connectRedis>;
let cancellations: CancellationListener;
let folder: TemporaryFolder;
export let blobs: LocalBlobStore;
export let modelsDir: string;
export let controlPlane: Neighbour;
export let moderator: Neighbour;
export let encoder: Neighbour;
export let vaeDecoder: Neighbour;
let environment: Record<string, string>;
export let gateway: RunningService;
export let url: string;

export async function startGateway(extra: Record<string, string> = {}): Promise<void> {
  gateway = await startService({ config: Config, module: AppModule, environment: { ...environment, ...extra } });
  url = `http://127.0.0.1:${gateway.httpPort}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeout: 20_000, interval: 50 });
}

/** What the fixture takes of @darkroom/testing, which only specs themselves may import. */
interface TestingTools {
  startRedisServer(): Promise<RedisServer>;
  temporaryFolder(): Promise<TemporaryFolder>;
}

interface RedisServer {
  readonly url: string;
  start(): Promise<void>;
  kill(): Promise<void>;
  dispose(): Promise<void>;
}

interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** Puts a gateway with all that it needs around the specs of a file. */
export function useGateway({ startRedisServer, temporaryFolder }: TestingTools, extra: Record<string, string> = {}): void {
  beforeAll(async () => {
    redis = await startRedisServer();
    commands = connectRedis(redis.url, log);
    cancellations = new CancellationListener(commands);
    folder = await temporaryFolder();
    blobs = new LocalBlobStore(join(folder.path, 'state', 'blobs'));
    modelsDir = join(folder.path, 'models');
    for (const name of ['pocket', 'second']) {
      await mkdir(join(modelsDir, name), { recursive: true });
      await writeFile(join(modelsDir, name, 'model_index.json'), JSON.stringify({ _class_name: 'PocketPipeline' }));
      await writeFile(join(modelsDir, name, 'digests.json'), digestsOf(name));
    }
    await mkdir(join(modelsDir, 'not-a-model'));
    controlPlane = await startNeighbour(
      serve(ControlPlaneServiceService, controlPlaneHandlers),
      serve(JournalServiceService, journalHandlers),
      serve(WebhookServiceService, webhookHandlers),
      serve(ReviewServiceService, reviewHandlers),
      serve(RoutingServiceService, routingHandlers),
    );
    moderator = await startNeighbour(serve(ModeratorServiceService, moderatorHandlers));
    encoder = await startNeighbour(serve(PromptEncoderServiceService, encoderHandlers));
    vaeDecoder = await startNeighbour(serve(ProvenanceServiceService, provenanceHandlers));
    environment = {
      HTTP_PORT: '0',
      LOG_LEVEL: 'silent',
      DARKROOM_STATE_DIR: join(folder.path, 'state'),
      MODELS_DIR: modelsDir,
      REDIS_URL: redis.url,
      CONTROL_PLANE_ADDRESS: `127.0.0.1:${controlPlane.port}`,
      MODERATOR_ADDRESS: `127.0.0.1:${moderator.port}`,
      PROMPT_ENCODER_ADDRESS: `127.0.0.1:${encoder.port}`,
      VAE_DECODER_ADDRESS: `127.0.0.1:${vaeDecoder.port}`,
      ...extra,
    };
    await startGateway();
  });
  afterAll(async () => {
    await gateway.stop();
    for (const neighbour of [controlPlane, moderator, encoder, vaeDecoder]) neighbour.stop();
    cancellations.close();
    commands.disconnect();
    await redis.dispose();
    await folder.remove();
  });

  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close(true)));
  });
}

const workers: GenerationWorker[] = [];

/** What this spec's worker draws: bytes that tell which job and image they are of. */
export const drawn = (job: GenerationJob, index: number) =>
  Buffer.from(`${job.prompt} ${job.seed + index} ${job.width}x${job.height}`);

async function digestUnder(key: string): Promise<string> {
  const bytes = key === '' ? undefined : await blobs.get(key);
  return bytes === undefined ? '' : createHash('sha256').update(bytes).digest('hex');
}

async function finish(job: GenerationJob) {
  const images = await Promise.all(
    Array.from({ length: job.imageCount }, async (_, index) => {
      const { contentType } = formatNames(job.format);
      const blobKey = imageKey(job.id, index, job.format);
      await blobs.put(blobKey, drawn(job, index));
      const sha256 = createHash('sha256').update(drawn(job, index)).digest('hex');
      const held = job.notices.some(({ action }) => action === 'blur');
      return { index, seed: job.seed + index, blobKey, contentType, width: job.width, height: job.height, sha256, held };
    }),
  );
  const receipt = {
    model: job.model,
    modelDigest: `sha256:${createHash('sha256').update(digestsOf(job.model)).digest('hex')}`,
    scheduler: 'FlowMatchEulerDiscreteScheduler',
    shift: 3,
    steps: job.steps,
    guidanceScale: job.guidanceScale,
    seed: job.seed,
    width: job.width,
    height: job.height,
    versions: { spec: '1' },
    timings: [{ stage: 'denoise', totalMs: 12, kernelMs: 10 }],
    solver: job.solver,
    sigmas: job.sigmas,
    firstBlockCacheThreshold: job.firstBlockCacheThreshold,
    outputCompression: job.outputCompression,
    strength: job.strength,
    imageSha256: await digestUnder(job.imageBlobKey),
    maskSha256: await digestUnder(job.maskBlobKey),
  };
  const tokens = { text: job.prompt.length, inputImage: job.imageBlobKey === '' ? 0 : 64, outputImage: 64 * job.imageCount };
  return encodeGenerationResult(GenerationResult.fromPartial({ id: job.id, images, receipt, evaluations: 7, tokens }));
}

/** Does a worker's part until the generation's cancellation is noted, which ends it as the denoiser's own does. */
async function untilCancelled(id: string, process: () => Promise<void>): Promise<void> {
  const { signal, stop } = await cancellations.watch(id);
  const error = new Error(toQueue(new DarkroomError({ code: 'cancelled', message: 'the generation was cancelled' })));
  const cancelled = Promise.withResolvers<never>();
  const cancel = () => cancelled.reject(error);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    if (signal.aborted) throw error;
    await Promise.race([process(), cancelled.promise]);
  } finally {
    signal.removeEventListener('abort', cancel);
    stop();
  }
}

/**
 * Starts a worker, and returns the jobs that it begins; `process` may delay or fail, and is left when the job is cancelled, unless
 * the worker is too far for that.
 */
export function work(
  process: (job: GenerationJob, report: (progress: object) => Promise<void>) => Promise<void> = async () => {},
  model = 'pocket',
  { isTooFar = false } = {},
) {
  const jobs: GenerationJob[] = [];
  const worker = openGenerationWorker(
    model,
    redis.url,
    log,
    async (queued) => {
      const job = decodeGenerationJob(queued.data);
      const begin = async () => {
        jobs.push(job);
        await process(job, (progress) => queued.updateProgress(progress));
      };
      await (isTooFar ? begin() : untilCancelled(job.id, begin));
      return await finish(job);
    },
    { drainDelay: 1 },
  );
  // As the control plane sees them in its queue.
  worker.on('completed', ({ id = '' }) => endJournalled(id, 'succeeded'));
  worker.on('failed', (queued, { message }) => {
    endJournalled(queued?.id ?? '', fromQueue(message).code === 'cancelled' ? 'cancelled' : 'failed');
  });
  workers.push(worker);
  return jobs;
}

export function post(body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: 'Bearer dk_alice', 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
}
export const cancel = (id: string, key = 'dk_alice') =>
  fetch(`${url}/v1/generations/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${key}` } });
export const submitJob = (body: object, headers: Record<string, string> = {}, key = 'dk_alice') =>
  fetch(`${url}/v1/generations`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
export const get = (path: string, key = 'dk_alice') => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
export const errorOf = async (response: Response) => z.object({ error: errorBody }).parse(await response.json()).error;
export const generationOf = async (response: Response) => generationBody.parse(await response.json());
export const openai = () => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'dk_alice', maxRetries: 0 });

/** Reads the routes off Fastify's own picture of them, a tree of the parts of their paths: `POST /v1/generations`, … */
export function servedRoutes({ app }: RunningService): string[] {
  const http = app.getHttpAdapter().getInstance();
  const parts: string[] = [];
  const tree = http.printRoutes({ commonPrefix: false }).split('\n');
  return tree.flatMap((line) => {
    const [, indent = '', part = '', methods = ''] = /^([│ ]*)[├└]── (.*) \((.*)\)$/.exec(line) ?? [];
    parts.splice(indent.length / 4, Number.POSITIVE_INFINITY, part);
    return methods.split(', ').map((method) => `${method} ${parts.join('')}`);
  });
}
