/** Generations as operators see them: over HTTP, with a real Redis, PGlite and a folder of blobs. */
import { randomUUID } from 'node:crypto';
import {
  DarkroomError,
  encodeGenerationJob,
  GenerationJob,
  GenerationResult,
  GenerationRetry,
  ImageFormat,
  imageKey,
  messageIdOf,
  newGenerationId,
  promptKey,
  releasedImageKey,
  resultKey,
} from '@darkroom/contracts';
import { LocalBlobStore, Log, type RunningService } from '@darkroom/service-kit';
import { appendToAudit } from '@darkroom/service-kit/audit';
import {
  connectRedis,
  deliveryJobId,
  GENERATION_JOB,
  GENERATION_RETRIES,
  type GenerationQueue,
  isCancellationRequested,
  openGenerationQueue,
  openGenerationWorker,
  openWebhookDeliveries,
  patientOptions,
  retryProcessor,
} from '@darkroom/service-kit/queue';
import { type RedisServer, startRedisServer, stateFolder, type TemporaryFolder } from '@darkroom/testing';
import { Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { decisionEntry } from '../audit/audit.fixture.js';
import { ADMIN_TOKEN, Client, readiness, startControlPlane } from '../control-plane.fixture.js';
import { GenerationJournal } from '../journal/generation-journal.js';
import type { Standing } from '../journal/standing.js';
import { UsageRepository } from '../usage/usage.repository.js';
import { WebhookRepository } from '../webhooks/webhook.repository.js';

const log = Log.create('spec', 'silent');
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

let server: RedisServer;
let folder: TemporaryFolder;
let blobs: LocalBlobStore;
let redis: ReturnType<typeof connectRedis>;
let queue: GenerationQueue;
let service: RunningService;
let client: Client;
let journal: GenerationJournal;
let tenantId: string;
let keyId: string;
const start = async (extra: Record<string, string> = {}) => {
  service = await startControlPlane({
    DARKROOM_STATE_DIR: folder.path,
    REDIS_URL: server.url,
    TRACE_URL_TEMPLATE: 'https://traces.example/{trace_id}',
    ...extra,
  });
  client = new Client(service);
  await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
  journal = service.app.get(GenerationJournal);
};
beforeAll(async () => {
  [server, folder] = await Promise.all([startRedisServer(), stateFolder()]);
  blobs = new LocalBlobStore(`${folder.path}/blobs`);
  redis = connectRedis(server.url, log);
  queue = openGenerationQueue('pocket', server.url, log);
  await start();
  const { body: key } = await client.admin('POST', 'keys', { name: 'spec' });
  ({ id: keyId, tenant: tenantId } = key);
});
afterAll(async () => {
  client.connection.close();
  await service.stop();
  await queue.close();
  redis.disconnect();
  await server.dispose();
  await folder.remove();
});

async function accepted(more: Partial<GenerationJob> = {}): Promise<GenerationJob> {
  const job = GenerationJob.fromPartial({
    ...{ id: newGenerationId(), tenantId, keyId, model: 'pocket', prompt: 'a red apple', negativePrompt: 'blur', seed: 7 },
    ...{ width: 96, height: 64, steps: 3, imageCount: 1, guidanceScale: 4, expectedSeconds: 1.5 },
    ...{ format: ImageFormat.IMAGE_FORMAT_PNG, createdAtMs: Date.now(), traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, ...more },
  });
  const bytes = Buffer.from(GenerationJob.encode(job).finish());
  await journal.accept([{ job, bytes, idempotencyKey: null, requestDigest: null }]);
  return job;
}

const ended = async (id: string, more: Partial<Standing>) =>
  await journal.advance([
    {
      ...{ id, status: 'failed', errorCode: null, errorMessage: null, attempts: 1, worker: 'w1' },
      ...{ startedAt: new Date(), endedAt: new Date(), ...more },
    },
  ]);
const enqueue = async (job: GenerationJob) => await queue.add(GENERATION_JOB, encodeGenerationJob(job), { jobId: job.id });
const list = async (query: string) =>
  (await client.admin('GET', `generations?${query}`)).body.data.map(({ id }: { id: string }) => id);
const show = async (id: string) => (await client.admin('GET', `generations/${id}`)).body;
const audited = async (action: string, subject: string) =>
  (await client.admin('GET', 'audit?kind=operator&limit=20')).body.data
    .map(({ operator }: { operator: { action: string } }) => operator)
    .filter((entry: { action: string; subject: string }) => entry.action === action && entry.subject === subject);
const fetchAdmin = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${service.httpPort}/admin/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...headers },
  });

describe('the list of generations', () => {
  it('is the newest first, by all that can be asked for, a page at a time', async () => {
    const model = 'listed';
    const [first, second, third] = [
      await accepted({ model }),
      await accepted({ model }),
      await accepted({ model, keyId: 'key_2' }),
    ];
    await ended(first.id, { errorCode: 'worker_lost', errorMessage: 'two workers ended', worker: 'w9' });
    const ids = [third.id, second.id, first.id];
    expect(await list('model=listed')).toEqual(ids);
    expect(await list('model=listed&tenant=default&status=accepted')).toEqual(ids.slice(0, 2));
    expect(await list('model=listed&key=key_2')).toEqual([third.id]);
    expect(await list('error=worker_lost')).toEqual([first.id]);
    expect(await list('worker=w9')).toEqual([first.id]);
    expect(await list(`id=${second.id}`)).toEqual([second.id]);
    expect(await list(`model=listed&id=${first.id.slice(0, 8)}`)).toEqual(ids);
    expect(await list(`model=listed&before=${third.id}&limit=1`)).toEqual([second.id]);
    expect((await client.admin('GET', 'generations?model=listed&limit=2')).body.has_more).toBe(true);
    const moment = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
    expect([await list(`model=listed&from=${moment}`), await list(`model=listed&to=${moment}`)]).toEqual([[], ids]);
  });

  it.each(['id=key_1', 'status=done', 'error=oops', 'from=yesterday', 'limit=0', 'before=gen_1', 'colour=red'])(
    'is refused where %s is asked for',
    async (query) => {
      const { status, body } = await client.admin('GET', `generations?${query}`);
      expect([status, body.error.param]).toEqual([400, query.split('=')[0]]);
    },
  );
});

describe('a generation', () => {
  it('shows what is known of it while it waits, and never its prompt', async () => {
    const job = await accepted({ imageCount: 2 });
    await enqueue(job);
    const body = await show(job.id);
    expect(body).toMatchObject({
      ...{ id: job.id, tenant: tenantId, key: keyId, status: 'accepted', error: null, advice: null, receipt: null, images: null },
      queue: { state: 'waiting', workers_lost: 0, progress: null },
      request: { seed: 7, guidance_scale: 4, output_format: 'png', strength: null, moderation: 'auto' },
      trace: { id: TRACE, url: `https://traces.example/${TRACE}` },
      timeline: [{ what: 'accepted', detail: '2 images of 96×64 in 3 steps, foreseen to take 1.50 s of a device' }],
      ...{ decisions: [], charge: null, deliveries: [] },
    });
    expect(JSON.stringify(body)).not.toContain('apple');
    await queue.remove(job.id);
  });

  it('shows once it has succeeded what it took and was charged, what was decided, and who was told', async () => {
    const job = await accepted();
    const worker = openGenerationWorker(
      'pocket',
      server.url,
      log,
      async (queued) => {
        await queued.updateProgress({ stage: 'denoise', step: 2, steps: 3, image: 0, images: 1 });
        return encodeGenerationJob(job);
      },
      { name: 'w1' },
    );
    const queued = await enqueue(job);
    await vi.waitFor(async () => expect(await queued.getState()).toBe('completed'), { timeout: 20_000 });
    await worker.close();
    const key = imageKey(job.id, 0, job.format);
    const image = { index: 0, seed: 7, blobKey: key, contentType: 'image/png', width: 96, height: 64, sha256: 'abc' };
    const timings = [{ stage: 'denoise', totalMs: 12, kernelMs: 10 }];
    const result = GenerationResult.fromPartial({ id: job.id, images: [image], receipt: { model: 'pocket', timings } });
    await blobs.put(resultKey(job.id), GenerationResult.encode(result).finish());
    await service.app.get(UsageRepository).record({
      ...{ generationId: job.id, tenantId, keyId, model: 'pocket', imageCount: 1, width: 96, height: 64, steps: 3 },
      ...{ guidancePasses: 2, evaluations: 6, kernelMs: 11, outcome: 'succeeded' },
    });
    const decision = decisionEntry({ tenantId, generationId: job.id, stage: 'output_image', action: 'allow' });
    await appendToAudit(redis, decision);
    const webhook = { id: 'whk_1', tenantId, url: 'https://hooks.example/a', events: ['generation.succeeded'] };
    await service.app.get(WebhookRepository).create({ ...webhook, description: '', gatewayUrl: '', sealedSecret: '' }, 20);
    const deliveries = openWebhookDeliveries(redis);
    const attempt = {
      at: new Date().toISOString(),
      duration_ms: 5,
      status_code: 500,
      response_body: null,
      error: 'answered 500',
    };
    const message = { id: messageIdOf(job.id), type: 'generation.succeeded' as const, generation: { id: job.id } };
    const delivery = { webhookId: 'whk_1', tenantId, message, attempts: [attempt], failures: 1, nextAttemptAtMs: 0 };
    await deliveries.add('delivery', delivery, { jobId: deliveryJobId('whk_1', message.id) });
    await deliveries.close();
    await ended(job.id, { status: 'succeeded' });
    await vi.waitFor(async () => expect((await show(job.id)).decisions).toHaveLength(1), { timeout: 20_000 });
    expect(await show(job.id)).toMatchObject({
      ...{ status: 'succeeded', worker: 'w1', attempts: 1 },
      queue: { state: 'ended', progress: { stage: 'denoise', step: 2, steps: 3, image: 0 } },
      receipt: { model: 'pocket', timings: [{ stage: 'denoise', total_ms: 12, kernel_ms: 10 }] },
      images: [{ index: 0, seed: 7, content_type: 'image/png', width: 96, height: 64, sha256: 'abc', blurred: false }],
      charge: { outcome: 'succeeded', evaluations: 6, compute_units: 96 * 64 * 6, kernel_ms: 11 },
      decisions: [{ id: decision.id, decision: { stage: 'output_image', action: 'allow', category: null } }],
      deliveries: [
        { delivery: message.id, webhook: 'whk_1', status: 'pending', attempts: 1, status_code: 500, error: 'answered 500' },
      ],
      timeline: [{ what: 'accepted' }, { what: 'taken', detail: 'by worker w1' }, { what: 'ended', detail: 'succeeded' }],
    });
  });

  it('shows once it has failed why, in plain words, and what to do', async () => {
    const job = await accepted();
    const message = '2 worker processes in a row ended while this generation ran';
    await ended(job.id, { errorCode: 'worker_lost', errorMessage: message, attempts: 3 });
    expect(await show(job.id)).toMatchObject({
      status: 'failed',
      error: { code: 'worker_lost', message },
      advice: { cause: expect.stringContaining('Two workers in a row ended'), advice: expect.stringContaining('memory') },
      timeline: [{}, { what: 'taken', detail: 'by worker w1, as attempt 3' }, { what: 'ended', detail: message }],
    });
  });

  it('is not there: 404, whatever is wanted of it', async () => {
    const id = newGenerationId();
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/prompt'],
      ['GET', '/images/0'],
      ['POST', '/cancel'],
    ] as const) {
      expect((await client.admin(method, `generations/${id}${path}`)).status).toBe(404);
    }
    expect((await fetchAdmin('POST', `generations/${id}/retry`, { 'idempotency-key': 'k' })).status).toBe(404);
  });
});

describe('what a generation is of', () => {
  it('is told in words while the job is kept, which the audit log has, without the words', async () => {
    const job = await accepted({ prompt: '', promptBlobKey: promptKey('gen_long') });
    await blobs.put(promptKey('gen_long'), Buffer.from('a very long prompt'));
    const { status, body } = await client.admin('POST', `generations/${job.id}/prompt`);
    expect([status, body]).toEqual([200, { prompt: 'a very long prompt', negative_prompt: 'blur' }]);
    expect(await audited('generation.read_prompt', job.id)).toMatchObject([{ outcome: 'done' }]);
    // The journal forgets it with its end; its queue has it for a day.
    await ended(job.id, {});
    expect((await client.admin('POST', `generations/${job.id}/prompt`)).status).toBe(404);
    await enqueue(job);
    expect((await client.admin('POST', `generations/${job.id}/prompt`)).status).toBe(200);
    await queue.remove(job.id);
    expect(JSON.stringify((await client.admin('GET', 'audit?limit=50')).body)).not.toContain('very long');
  });

  it('is shown as it is delivered: blurred until a reviewer has let it go', async () => {
    const { id, format } = await accepted();
    const key = imageKey(id, 0, format);
    const image = { index: 0, blobKey: key, contentType: 'image/png', held: true };
    const result = GenerationResult.fromPartial({ id, images: [image] });
    await blobs.put(resultKey(id), GenerationResult.encode(result).finish());
    await blobs.put(key, Buffer.from('blurred'));
    await blobs.put(`held/${key}`, Buffer.from('as it is'));
    const picture = async () => {
      const answer = await fetchAdmin('GET', `generations/${id}/images/0`);
      return [answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control'), await answer.text()];
    };
    expect(await picture()).toEqual([200, 'image/png', 'no-store', 'blurred']);
    expect((await show(id)).images).toMatchObject([{ blurred: true }]);
    await blobs.put(releasedImageKey(key), Buffer.from('let go'));
    expect(await picture()).toEqual([200, 'image/png', 'no-store', 'let go']);
    expect((await show(id)).images).toMatchObject([{ blurred: false }]);
    expect(await audited('generation.read_image', id)).toHaveLength(2);
    expect((await fetchAdmin('GET', `generations/${id}/images/1`)).status).toBe(404);
    expect((await fetchAdmin('GET', `generations/${id}/images/..%2f..`)).status).toBe(400);
  });
});

describe('an operator', () => {
  it('cancels what has not ended; the note is in Redis and in the journal', async () => {
    const [job, over] = [await accepted(), await accepted()];
    await ended(over.id, { status: 'succeeded' });
    const { status, body } = await client.admin('POST', `generations/${job.id}/cancel`);
    expect([status, body.status, typeof body.cancel_requested_at]).toEqual([202, 'accepted', 'string']);
    expect(await isCancellationRequested(redis, job.id)).toBe(true);
    expect((await show(job.id)).timeline).toMatchObject([{ what: 'accepted' }, { what: 'cancel_requested' }]);
    expect((await client.admin('POST', `generations/${over.id}/cancel`)).body).toMatchObject({ cancel_requested_at: null });
    expect(await isCancellationRequested(redis, over.id)).toBe(false);
    expect(await audited('generation.cancel', job.id)).toMatchObject([{ outcome: 'done' }]);
  });

  it('has a generation made anew by a gateway, with its key as it is now', async () => {
    const { id } = await accepted();
    const wished: GenerationRetry[] = [];
    const process = retryProcessor(async (retry) => {
      wished.push(retry);
      if (retry.idempotencyKey === 'refuse') throw new DarkroomError({ code: 'rate_limited', message: 'too many' });
      return 'gen_anew';
    });
    const gateway = new Worker(GENERATION_RETRIES, process as never, { connection: { url: server.url, ...patientOptions } });
    const retry = async (key: string) => {
      const answer = await fetchAdmin('POST', `generations/${id}/retry`, key === '' ? {} : { 'idempotency-key': key });
      return [answer.status, await answer.json()];
    };
    expect(await retry('wish 1')).toEqual([202, { id: 'gen_anew', retry_of: id }]);
    expect(wished).toMatchObject([
      { generationId: id, idempotencyKey: 'wish 1', caller: { tenantId, keyId, tenant: { weight: 1 } } },
    ]);
    expect(await retry('refuse')).toMatchObject([429, { error: { code: 'rate_limited' } }]);
    expect(await retry('')).toMatchObject([400, { error: { param: 'Idempotency-Key' } }]);
    expect((await audited('generation.retry', id)).map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      'failed',
      'failed',
      'done',
    ]);
    expect((await audited('generation.retry', id)).at(-1)).toMatchObject({ facts: { id: 'gen_anew' } });
    await gateway.close();
    const { body: revoked } = await client.admin('POST', 'keys', { name: randomUUID() });
    const other = await accepted({ keyId: revoked.id });
    await client.admin('DELETE', `keys/${revoked.id}`);
    const answer = await fetchAdmin('POST', `generations/${other.id}/retry`, { 'idempotency-key': 'k' });
    expect([answer.status, ((await answer.json()) as { error: { message: string } }).error.message]).toEqual([
      409,
      'the API key of this generation was revoked',
    ]);
  });

  it('hears which parts are missing while Redis is away, and of the rest; nothing is changed then', {
    timeout: 40_000,
  }, async () => {
    const job = await accepted();
    await ended(job.id, { errorCode: 'internal', errorMessage: 'it broke' });
    const waiting = await accepted();
    await server.stop();
    const body = await show(job.id);
    expect(body).toMatchObject({ status: 'failed', advice: {}, decisions: [], charge: null, receipt: null });
    for (const part of [body.queue, body.request, body.deliveries]) expect(part.problem).toContain('could not be asked');
    expect((await show(waiting.id)).request).toMatchObject({ seed: 7 });
    expect(await list(`id=${job.id}`)).toEqual([job.id]);
    expect((await client.admin('POST', `generations/${waiting.id}/cancel`)).status).toBe(503);
    expect((await show(waiting.id)).cancel_requested_at).toBeNull();
    await server.start();
  });

  it('is told no prompt where the configuration shows them to nobody', { timeout: 40_000 }, async () => {
    const { id } = await accepted();
    client.connection.close();
    await service.stop();
    await start({ DASHBOARD_SHOW_PROMPTS: 'false' });
    const { status, body } = await client.admin('POST', `generations/${id}/prompt`);
    expect([status, body.error.message]).toEqual([403, 'prompts are shown to nobody here: DASHBOARD_SHOW_PROMPTS is false']);
  });
});
