import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ControlPlaneServiceService,
  DarkroomError,
  decodeGenerationJob,
  encodeGenerationResult,
  formatNames,
  type GenerationJob,
  GenerationResult,
  imageKey,
  ModeratorServiceService,
  PromptEncoderServiceService,
  toQueue,
} from '@darkroom/contracts';
import { errorBody, generationBody, imagesResponseBody, modelListBody } from '@darkroom/contracts/http';
import {
  GrpcServer,
  type Handlers,
  LocalBlobStore,
  Log,
  Metrics,
  type RunningService,
  serve,
  startService,
} from '@darkroom/service-kit';
import { connectRedis, type GenerationWorker, openGenerationWorker } from '@darkroom/service-kit/queue';
import { type RedisServer, startRedisServer, type TemporaryFolder, temporaryFolder } from '@darkroom/testing';
import { OpenAI } from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { AppModule } from './app.module.js';
import { Config } from './config.js';

// The gateway as it is, with a real Redis, real gRPC and a real blob folder around it. The neighbours' handlers and the worker
// are this spec's own, since an app may not import another; apps/e2e runs them all.
const log = Log.create('spec', 'silent');
const KEYS = new Map([
  ['dk_alice', { tenantId: 'ten_alice', keyId: 'key_alice' }],
  ['dk_bob', { tenantId: 'ten_bob', keyId: 'key_bob' }],
]);

interface Neighbour {
  readonly port: number;
  stop(): void;
  start(): Promise<void>;
}

async function startNeighbour(service: Parameters<typeof serve>): Promise<Neighbour> {
  let server: GrpcServer;
  const start = async (port: number) => {
    server = new GrpcServer({ services: [serve(...service)], log, metrics: new Metrics('spec'), isReady: async () => true });
    return await server.listen('127.0.0.1', port);
  };
  const port = await start(0);
  return {
    port,
    stop: () => server.destroy(),
    start: async () => {
      await start(port);
    },
  };
}

const seen = { verified: 0, moderated: [] as string[] };
const controlPlaneHandlers: Handlers<typeof ControlPlaneServiceService> = {
  verifyKey: ({ secret }) => {
    seen.verified += 1;
    const caller = KEYS.get(secret);
    if (caller === undefined) throw new DarkroomError({ code: 'unauthenticated', message: 'the API key is not known' });
    return caller;
  },
  recordUsage: () => ({ recorded: true }),
};
const moderatorHandlers: Handlers<typeof ModeratorServiceService> = {
  moderatePrompt: ({ prompt }) => {
    seen.moderated.push(prompt);
    if (prompt.includes('breaks the classifier')) throw new Error('the classifier broke');
    if (prompt.includes('no verdict')) return { verdict: undefined, kernelMs: 0 };
    const allowed = !prompt.includes('gore');
    return {
      verdict: { allowed, category: allowed ? '' : 'violence', scores: [], classifiers: [], policyVersion: 'spec' },
      kernelMs: 0,
    };
  },
  moderateImage: () => Promise.reject(new Error('the gateway has no images to judge')),
};
const encoderHandlers: Handlers<typeof PromptEncoderServiceService> = {
  encode: () => Promise.reject(new Error('the gateway encodes nothing')),
  countTokens: ({ prompt }) => ({ tokenCount: prompt.length / 2, maxTokens: 32_768 }),
};

let redis: RedisServer;
let folder: TemporaryFolder;
let blobs: LocalBlobStore;
let controlPlane: Neighbour;
let moderator: Neighbour;
let encoder: Neighbour;
let environment: Record<string, string>;
let gateway: RunningService;
let url: string;

async function startGateway(extra: Record<string, string> = {}): Promise<void> {
  gateway = await startService({ config: Config, module: AppModule, environment: { ...environment, ...extra } });
  url = `http://127.0.0.1:${gateway.httpPort}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status).toBe(200), { timeout: 20_000, interval: 50 });
}

beforeAll(async () => {
  redis = await startRedisServer();
  folder = await temporaryFolder();
  blobs = new LocalBlobStore(join(folder.path, 'state', 'blobs'));
  for (const name of ['pocket', 'second']) {
    await mkdir(join(folder.path, 'models', name), { recursive: true });
    await writeFile(join(folder.path, 'models', name, 'model_index.json'), JSON.stringify({ _class_name: 'PocketPipeline' }));
  }
  await mkdir(join(folder.path, 'models', 'not-a-model'));
  controlPlane = await startNeighbour([ControlPlaneServiceService, controlPlaneHandlers]);
  moderator = await startNeighbour([ModeratorServiceService, moderatorHandlers]);
  encoder = await startNeighbour([PromptEncoderServiceService, encoderHandlers]);
  environment = {
    HTTP_PORT: '0',
    LOG_LEVEL: 'silent',
    DARKROOM_STATE_DIR: join(folder.path, 'state'),
    MODELS_DIR: join(folder.path, 'models'),
    REDIS_URL: redis.url,
    CONTROL_PLANE_ADDRESS: `127.0.0.1:${controlPlane.port}`,
    MODERATOR_ADDRESS: `127.0.0.1:${moderator.port}`,
    PROMPT_ENCODER_ADDRESS: `127.0.0.1:${encoder.port}`,
  };
  await startGateway();
});
afterAll(async () => {
  await gateway.stop();
  for (const neighbour of [controlPlane, moderator, encoder]) neighbour.stop();
  await redis.dispose();
  await folder.remove();
});

const workers: GenerationWorker[] = [];
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close(true)));
});

/** What this spec's worker draws: bytes that tell which job and image they are of. */
const drawn = (job: GenerationJob, index: number) => Buffer.from(`${job.prompt} ${job.seed + index} ${job.width}x${job.height}`);

async function finish(job: GenerationJob) {
  const images = await Promise.all(
    Array.from({ length: job.imageCount }, async (_, index) => {
      const { contentType } = formatNames(job.format);
      const blobKey = imageKey(job.id, index, job.format);
      await blobs.put(blobKey, drawn(job, index));
      const sha256 = createHash('sha256').update(drawn(job, index)).digest('hex');
      return { index, seed: job.seed + index, blobKey, contentType, width: job.width, height: job.height, sha256 };
    }),
  );
  const receipt = {
    model: job.model,
    modelDigest: 'sha256:spec',
    scheduler: 'FlowMatchEulerDiscreteScheduler',
    shift: 3,
    steps: job.steps,
    guidanceScale: job.guidanceScale,
    seed: job.seed,
    width: job.width,
    height: job.height,
    versions: { spec: '1' },
    timings: [{ stage: 'denoise', totalMs: 12, kernelMs: 10 }],
  };
  return encodeGenerationResult(GenerationResult.fromPartial({ id: job.id, images, receipt }));
}

/** Starts a worker; `work` may delay or fail, and returns what the job answers. */
function work(
  process: (job: GenerationJob, report: (progress: object) => Promise<void>) => Promise<void> = async () => {},
  model = 'pocket',
) {
  const jobs: GenerationJob[] = [];
  const worker = openGenerationWorker(
    model,
    redis.url,
    log,
    async (queued) => {
      const job = decodeGenerationJob(queued.data);
      jobs.push(job);
      await process(job, (progress) => queued.updateProgress(progress));
      return await finish(job);
    },
    { drainDelay: 1 },
  );
  workers.push(worker);
  return jobs;
}

function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/v1/images/generations`, {
    method: 'POST',
    headers: { authorization: 'Bearer dk_alice', 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
const get = (path: string, key = 'dk_alice') => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
const errorOf = async (response: Response) => z.object({ error: errorBody }).parse(await response.json()).error;
const generationOf = async (response: Response) => generationBody.parse(await response.json());
const openai = () => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'dk_alice', maxRetries: 0 });

describe('the official openai client, unmodified', () => {
  it('gets its images', async () => {
    const jobs = work();
    const answer = await openai().images.generate({ prompt: 'a red apple', n: 2, size: '256x256', response_format: 'b64_json' });
    const job = jobs[0] as GenerationJob;
    expect(answer.data?.map(({ b64_json }) => Buffer.from(b64_json ?? '', 'base64').toString())).toEqual([
      drawn(job, 0).toString(),
      drawn(job, 1).toString(),
    ]);
    expect(imagesResponseBody.parse(answer)).toMatchObject({
      id: job.id,
      model: 'pocket',
      size: '256x256',
      output_format: 'png',
      receipt: { seed: job.seed, steps: 20, guidance_scale: 4, timings: [{ stage: 'denoise', total_ms: 12, kernel_ms: 10 }] },
    });
  });

  it('lists and retrieves models', async () => {
    const listed: string[] = [];
    for await (const { id } of openai().models.list()) listed.push(id);
    expect(listed).toEqual(['pocket', 'second']);
    expect(await openai().models.retrieve('second')).toMatchObject({ id: 'second', object: 'model', size: { granularity: 32 } });
    await expect(openai().models.retrieve('third')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    modelListBody.parse(await (await get('/v1/models')).json());
  });

  it('gets its own kinds of errors', async () => {
    await expect(openai().images.generate({ prompt: '' })).rejects.toMatchObject({
      status: 400,
      param: 'prompt',
      code: 'invalid_argument',
    });
    const stranger = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'dk_nobody', maxRetries: 0 });
    await expect(stranger.images.generate({ prompt: 'x' })).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });
});

describe('POST /v1/images/generations', () => {
  it('hands every parameter to the right model, and delivers by URL without a key', async () => {
    const jobs = work(undefined, 'second');
    const response = await post({
      prompt: 'a star',
      negative_prompt: 'blur',
      model: 'second',
      size: '64x128',
      steps: 3,
      guidance_scale: 1.5,
      seed: 4_294_967_295,
      output_format: 'webp',
      response_format: 'url',
    });
    expect(response.status).toBe(200);
    const body = imagesResponseBody.parse(await response.json());
    expect(jobs[0]).toMatchObject({
      id: body.id,
      tenantId: 'ten_alice',
      keyId: 'key_alice',
      model: 'second',
      prompt: 'a star',
      negativePrompt: 'blur',
      width: 64,
      height: 128,
      steps: 3,
      guidanceScale: 1.5,
      seed: 4_294_967_295,
      imageCount: 1,
    });
    expect(response.headers.get('x-request-id')).toBe(body.id);
    const image = await fetch(body.data[0]?.url ?? '');
    expect(image.headers.get('content-type')).toBe('image/webp');
    expect(await image.text()).toBe(drawn(jobs[0] as GenerationJob, 0).toString());
  });

  it('draws a seed of its own when none is given', async () => {
    const jobs = work();
    await post({ prompt: 'x' });
    await post({ prompt: 'x' });
    expect(jobs[0]?.seed).not.toBe(jobs[1]?.seed);
  });

  it('sends long prompts through the blob store', async () => {
    const jobs = work();
    const prompt = 'ä'.repeat(10_000);
    expect((await post({ prompt })).status).toBe(200);
    expect(jobs[0]).toMatchObject({ prompt: '', promptBlobKey: `prompts/${jobs[0]?.id}.txt`, negativePromptBlobKey: '' });
    expect(Buffer.from((await blobs.get(jobs[0]?.promptBlobKey ?? '')) ?? []).toString()).toBe(prompt);
  });

  it('counts the tokens of prompts that may be too long, and only of those', async () => {
    work();
    expect((await post({ prompt: 'a'.repeat(65_536) })).status).toBe(200);
    const response = await post({ prompt: 'a'.repeat(65_538) });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ param: 'prompt', message: expect.stringContaining('32,769') });
    const negative = await post({ prompt: 'x', negative_prompt: 'a'.repeat(65_538) });
    expect(await errorOf(negative)).toMatchObject({ param: 'negative_prompt' });
    encoder.stop();
    expect((await post({ prompt: 'a'.repeat(65_536) })).status).toBe(503);
    expect((await post({ prompt: 'a'.repeat(32_766) })).status).toBe(200);
    await encoder.start();
  });

  it.each([
    ['an empty prompt', { prompt: '' }, 'prompt', 400],
    ['n of 0', { prompt: 'x', n: 0 }, 'n', 400],
    ['n of 11', { prompt: 'x', n: 11 }, 'n', 400],
    ['steps of 0', { prompt: 'x', steps: 0 }, 'steps', 400],
    ['steps of 1,000', { prompt: 'x', steps: 1000 }, 'steps', 400],
    ['a size off the grid', { prompt: 'x', size: '100x100' }, 'size', 400],
    ['a size too large', { prompt: 'x', size: '1056x1024' }, 'size', 400],
    ['an unknown parameter', { prompt: 'x', quality: 'hd' }, 'quality', 400],
    ['an unknown model', { prompt: 'x', model: 'dall-e-3' }, 'model', 404],
    ['broken JSON', '{"prompt": ', 'body', 400],
    ['no object', '[]', 'body', 400],
    ['a body of 10 MB', { prompt: 'x'.repeat(10_000_000) }, 'body', 413],
  ])('refuses %s before anyone is asked about it', async (_name, body, param, status) => {
    const moderated = seen.moderated.length;
    const response = await post(body);
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ param, message: expect.any(String), type: 'invalid_request_error' });
    expect(seen.moderated.length).toBe(moderated);
  });

  it('refuses an unknown query parameter', async () => {
    const response = await fetch(`${url}/v1/models?limit=3`, { headers: { authorization: 'Bearer dk_alice' } });
    expect(await errorOf(response)).toMatchObject({ param: 'limit' });
  });

  it('asks for the key before it reads the body', async () => {
    for (const headers of [{ authorization: '' }, { authorization: 'Basic x' }, { authorization: 'Bearer dk_nobody' }]) {
      const response = await post('{"prompt": ', headers);
      expect(response.status).toBe(401);
      expect(await errorOf(response)).toMatchObject({ type: 'authentication_error', code: 'unauthenticated' });
    }
    for (const path of [
      '/v1/models',
      '/v1/models/pocket',
      '/v1/generations/gen_x',
      '/%761/models',
      '/v1/../v1/models',
      '//v1/models',
    ]) {
      expect([401, 404], path).toContain((await fetch(url + path)).status);
    }
  });

  it('refuses what the moderator refuses, with the category, in either prompt', async () => {
    const jobs = work();
    const response = await post({ prompt: 'gore' });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'content_policy_violation', param: 'prompt', category: 'violence' });
    expect(await errorOf(await post({ prompt: 'x', negative_prompt: 'gore' }))).toMatchObject({
      param: 'negative_prompt',
      category: 'violence',
    });
    expect(jobs).toHaveLength(0);
  });

  it("tells a picture's refusal as it tells a prompt's", async () => {
    work(() => {
      throw new Error(
        toQueue(new DarkroomError({ code: 'content_policy_violation', message: 'the image was refused', category: 'sexual' })),
      );
    });
    const response = await post({ prompt: 'x' });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'content_policy_violation', category: 'sexual', param: null });
  });

  it('fails closed: without a verdict nothing is enqueued', async () => {
    const jobs = work();
    for (const prompt of ['breaks the classifier', 'no verdict']) {
      const response = await post({ prompt });
      expect(response.status).toBe(503);
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    moderator.stop();
    expect((await post({ prompt: 'a flower' })).status).toBe(503);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    await moderator.start();
    await expect.poll(async () => (await post({ prompt: 'a flower' })).status, { timeout: 10_000 }).toBe(200);
    expect(jobs.map(({ prompt }) => prompt)).toEqual(['a flower']);
  });

  it('lets nobody in while keys can not be checked', async () => {
    controlPlane.stop();
    const response = await post({ prompt: 'x' });
    expect(response.status).toBe(503);
    expect(response.headers.has('retry-after')).toBe(true);
    await controlPlane.start();
    await expect.poll(async () => (await get('/v1/models')).status, { timeout: 10_000 }).toBe(200);
  });

  it('hides why a generation failed inside', async () => {
    work(() => {
      throw new Error('secret detail');
    });
    const response = await post({ prompt: 'x' });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret detail');
  });
});

describe('Idempotency-Key', () => {
  it('makes repeated requests one generation, and another request a conflict', async () => {
    const jobs = work(() => sleep(200));
    const headers = { 'idempotency-key': 'order 66' };
    const answers = await Promise.all(
      [1, 2, 3].map(async () => imagesResponseBody.parse(await (await post({ prompt: 'once' }, headers)).json())),
    );
    answers.push(imagesResponseBody.parse(await (await post({ prompt: 'once' }, headers)).json()));
    expect(new Set(answers.map(({ id, data }) => id + data[0]?.b64_json)).size).toBe(1);
    expect(jobs).toHaveLength(1);
    const conflict = await post({ prompt: 'twice' }, headers);
    expect(conflict.status).toBe(409);
    expect(await errorOf(conflict)).toMatchObject({ code: 'conflict', param: 'Idempotency-Key' });
  });

  it('belongs to its tenant', async () => {
    work();
    const headers = { 'idempotency-key': 'shared name' };
    const alice = imagesResponseBody.parse(await (await post({ prompt: 'x' }, headers)).json());
    const bob = imagesResponseBody.parse(
      await (await post({ prompt: 'x' }, { ...headers, authorization: 'Bearer dk_bob' })).json(),
    );
    expect(alice.id).not.toBe(bob.id);
  });

  it.each(['x'.repeat(256), 'ü'])('refuses the key %s', async (key) => {
    expect(await errorOf(await post({ prompt: 'x' }, { 'idempotency-key': key }))).toMatchObject({ param: 'Idempotency-Key' });
  });
});

describe('a generation that is looked at', () => {
  it('tells its state, progress and result', async () => {
    const gate = Promise.withResolvers<void>();
    const progress = { stage: 'denoise', step: 3, steps: 20, image: 0, images: 1 };
    const response = await post({ prompt: 'x' }, { prefer: 'respond-async' });
    expect(response.status).toBe(202);
    const { id, status } = await generationOf(response);
    expect(status).toBe('queued');
    expect(response.headers.get('location')).toBe(`/v1/generations/${id}`);

    work(async (_job, report) => {
      await report(progress);
      await gate.promise;
    });
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${id}`))).progress).toEqual(progress);
    expect(await generationOf(await get(`/v1/generations/${id}`))).toMatchObject({
      status: 'running',
      data: null,
      receipt: null,
      error: null,
    });
    gate.resolve();
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${id}`))).status).toBe('succeeded');
    const done = await generationOf(await get(`/v1/generations/${id}`));
    expect(done.receipt).toMatchObject({ model: 'pocket' });
    expect((await fetch(done.data?.[0]?.url ?? '')).status).toBe(200);
  });

  it('tells why it failed', async () => {
    work(() => {
      throw new Error(
        toQueue(new DarkroomError({ code: 'unavailable', message: 'the decoder stayed away', retryAfterSeconds: 5 })),
      );
    });
    const { id } = await generationOf(await post({ prompt: 'x' }, { prefer: 'respond-async, wait=10' }));
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${id}`))).status).toBe('failed');
    expect((await generationOf(await get(`/v1/generations/${id}`))).error).toMatchObject({
      code: 'unavailable',
      message: 'the decoder stayed away',
    });
  });

  it("is hidden from other tenants, as if it didn't exist", async () => {
    const { id } = await generationOf(await post({ prompt: 'x' }, { prefer: 'respond-async' }));
    const response = await get(`/v1/generations/${id}`, 'dk_bob');
    expect(response.status).toBe(404);
    const absent = await get(`/v1/generations/${id.slice(0, -4)}0000`, 'dk_bob');
    expect(await response.text()).toBe(await absent.text());
    expect((await get('/v1/generations/nonsense')).status).toBe(404);
    work();
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${id}`))).status).toBe('succeeded');
  });

  it('goes on when its client has gone', async () => {
    const jobs = work(() => sleep(300));
    const controller = new AbortController();
    const request = fetch(`${url}/v1/images/generations`, {
      method: 'POST',
      headers: { authorization: 'Bearer dk_alice', 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'gone' }),
      signal: controller.signal,
    });
    await expect.poll(() => jobs.length).toBe(1);
    controller.abort();
    await expect(request).rejects.toThrow();
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${jobs[0]?.id}`))).status).toBe('succeeded');
  });
});

describe('an image URL', () => {
  it('works as it was made, and not otherwise', async () => {
    work();
    const { data } = imagesResponseBody.parse(await (await post({ prompt: 'x', response_format: 'url' })).json());
    const address = new URL(data[0]?.url ?? '');
    expect((await fetch(address)).status).toBe(200);
    const other = new URL(address);
    other.pathname = other.pathname.replace('/0.png', '/1.png');
    const later = new URL(address);
    later.searchParams.set('expires', String(Number(later.searchParams.get('expires')) + 1));
    const unsigned = new URL(address.pathname, address);
    const result = new URL(address);
    result.pathname = result.pathname.replace('0.png', 'result.bin');
    for (const wrong of [other, later, unsigned, result]) expect((await fetch(wrong)).status).toBe(403);
  });
});

describe('what goes away and comes back', () => {
  it('a result whose event was lost is found by looking', async () => {
    const gate = Promise.withResolvers<void>();
    const jobs = work(() => gate.promise);
    const answer = post({ prompt: 'event lost' });
    await expect.poll(() => jobs.length).toBe(1);
    // A gateway that hears no events any more still looks once a second.
    const { ModelQueues } = await import('./queue/model-queues.js');
    const queues = gateway.app.get(ModelQueues);
    (queues as unknown as { listeners: Set<unknown> }).listeners.clear();
    gate.resolve();
    expect((await answer).status).toBe(200);
  });

  it('Redis: 503 at once while it is away, and a request that waits outlives its restart', { timeout: 60_000 }, async () => {
    const gate = Promise.withResolvers<void>();
    const jobs = work(() => gate.promise);
    const waiting = post({ prompt: 'outlives' });
    await expect.poll(() => jobs.length).toBe(1);
    await redis.kill();
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
    const moderated = seen.moderated.length;
    const started = performance.now();
    const refused = await post({ prompt: 'refused' });
    expect(performance.now() - started).toBeLessThan(500);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('2');
    expect(seen.moderated.length).toBe(moderated);
    expect((await get(`/v1/generations/${jobs[0]?.id}`)).status).toBe(503);
    await redis.start();
    gate.resolve();
    expect((await waiting).status).toBe(200);
    await expect.poll(async () => (await post({ prompt: 'again' })).status, { timeout: 15_000 }).toBe(200);
    expect(jobs.map(({ prompt }) => prompt)).not.toContain('refused');
  });

  it('a job that Redis took without saying so in time is taken back, or found again by its key', {
    timeout: 60_000,
  }, async () => {
    const client = connectRedis(redis.url, log);
    await expect.poll(() => client.status).toBe('ready');
    // Redis answers no writes for longer than the gateway waits, then does them all.
    await client.call('CLIENT', 'PAUSE', '6500', 'WRITE');
    const [lost, kept] = await Promise.all([
      post({ prompt: 'unconfirmed' }),
      post({ prompt: 'keyed' }, { 'idempotency-key': 'unconfirmed' }),
    ]);
    expect([lost.status, kept.status]).toEqual([503, 503]);
    await client.set('after', 'the pause').catch(() => client.set('after', 'the pause'));
    await sleep(1_000);
    const jobs = work();
    expect((await post({ prompt: 'keyed' }, { 'idempotency-key': 'unconfirmed' })).status).toBe(200);
    expect((await post({ prompt: 'last' })).status).toBe(200);
    expect(jobs.map(({ prompt }) => prompt)).toEqual(['keyed', 'last']);
    client.disconnect();
  });

  it('the gateway itself: a stop ends waits with 503 and the id, and the result is there after the restart', async () => {
    const gate = Promise.withResolvers<void>();
    const jobs = work(() => gate.promise);
    const waiting = post({ prompt: 'stopped' });
    await expect.poll(() => jobs.length).toBe(1);
    await gateway.stop();
    const response = await waiting;
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect((await errorOf(response)).message).toContain(`GET /v1/generations/${jobs[0]?.id}`);
    await startGateway({ SYNC_TIMEOUT_SECONDS: '1' });
    gate.resolve();
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${jobs[0]?.id}`))).status).toBe('succeeded');
  });

  it('a wait that takes too long ends with 503 and the id', async () => {
    const gate = Promise.withResolvers<void>();
    const jobs = work(() => gate.promise);
    const response = await post({ prompt: 'slow' });
    expect(response.status).toBe(503);
    expect(response.headers.has('retry-after')).toBe(true);
    expect((await errorOf(response)).message).toContain(`GET /v1/generations/${jobs[0]?.id}`);
    gate.resolve();
    await expect.poll(async () => (await generationOf(await get(`/v1/generations/${jobs[0]?.id}`))).status).toBe('succeeded');
  });
});
