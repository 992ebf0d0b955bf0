/** Reviews from their opening to their end, in both kinds of database. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { heldImageKey, imageKey, ReviewServiceService, releasedImageKey, toImageFormat } from '@darkroom/contracts';
import { type GrpcClient, GrpcConnection, Log, type RunningService, serve, startService } from '@darkroom/service-kit';
import { appendToAudit } from '@darkroom/service-kit/audit';
import { connectRedis } from '@darkroom/service-kit/redis';
import {
  type RedisServer,
  startPostgresServer,
  startRedisServer,
  stateFolder,
  type TemporaryFolder,
  temporaryFolder,
} from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../app.module.js';
import { decisionEntry } from '../audit/audit.fixture.js';
import { Config } from '../config.js';
import { ADMIN_TOKEN, Client, databases, readiness } from '../control-plane.fixture.js';
import { ReviewHandlers } from './review.handlers.js';

describe.each(databases({ startPostgresServer, stateFolder }))('reviews in %s', (_name, prepare) => {
  let dispose: () => Promise<void>;
  let folder: TemporaryFolder;
  let server: RedisServer;
  let redis: ReturnType<typeof connectRedis>;
  let service: RunningService;
  let client: Client;
  let connection: GrpcConnection;
  let grpc: GrpcClient<typeof ReviewServiceService>;
  beforeAll(async () => {
    const prepared = await prepare();
    dispose = prepared.dispose;
    [server, folder] = await Promise.all([startRedisServer(), temporaryFolder()]);
    redis = connectRedis(server.url, Log.create('spec', 'silent'));
    service = await startService({
      config: Config,
      module: AppModule,
      services: (resolve) => [serve(ReviewServiceService, resolve(ReviewHandlers))],
      environment: {
        LOG_LEVEL: 'silent',
        ADMIN_TOKEN,
        ...prepared.environment,
        REDIS_URL: server.url,
        BLOB_STORE_URL: `file://${folder.path}`,
      },
    });
    client = new Client(service);
    connection = new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'reviews', timeoutMs: 10_000 });
    grpc = connection.client(ReviewServiceService);
    await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
  });
  afterAll(async () => {
    connection.close();
    client.connection.close();
    await service.stop();
    redis.disconnect();
    await server.dispose();
    await folder.remove();
    await dispose();
  });

  /** Has the log take over a decision, as the moderator writes it. */
  async function decided(differing: Parameters<typeof decisionEntry>[0]): Promise<string> {
    const entry = decisionEntry(differing);
    await appendToAudit(redis, entry);
    await vi.waitFor(async () => expect((await client.admin('GET', `audit/${entry.id}`)).status).toBe(200), { timeout: 20_000 });
    return entry.id;
  }

  const flagged = { action: 'blur', category: 'sexual', reason: 'sexual.suggestive', stage: 'output_image', image: 1 };
  const blocked = { action: 'block', category: 'violence', reason: 'violence.graphic' };
  const ids = (body: { data: { decision_id: string }[] }) => body.data.map(({ decision_id }) => decision_id);
  const acts = async (id: string) =>
    (await client.admin('GET', `reviews/${id}`)).body.acts.map(({ review }: { review: { act: string } }) => review.act);

  it('are opened of what is delivered blurred, and of nothing else', async () => {
    const tenantId = 'ten_opened';
    const scores = [
      { category: 'hate', score: 1, severity: 3, reason: 'hate.any' },
      { category: 'sexual', score: 0.9, severity: 2, reason: 'sexual.suggestive' },
      { category: 'sexual', score: 0.95, severity: 1, reason: 'sexual.classifier' },
    ];
    const blurred = await decided({ ...flagged, tenantId, scores });
    await decided({ ...blocked, tenantId });
    await decided({ ...flagged, tenantId, stage: 'partial_image' });
    await decided({ ...flagged, tenantId, action: 'warn' });
    const { body } = await client.admin('GET', `reviews?tenant=${tenantId}`);
    expect(body).toMatchObject({
      data: [
        {
          decision_id: blurred,
          status: 'open',
          action: 'blur',
          appeal: null,
          rule: 'sexual.suggestive',
          severity: 2,
          score: 0.9,
        },
      ],
      has_more: false,
    });
    expect(ids((await client.admin('GET', `reviews?tenant=${tenantId}&action=block`)).body)).toEqual([]);
  });

  it('are listed by pages, the oldest first, and by what they are of', async () => {
    const tenantId = 'ten_pages';
    const all: string[] = [];
    for (const category of ['sexual', 'hate', 'hate']) all.push(await decided({ ...flagged, tenantId, category }));
    const first = (await client.admin('GET', `reviews?tenant=${tenantId}&limit=2`)).body;
    expect([ids(first), first.has_more]).toEqual([all.slice(0, 2), true]);
    const rest = (await client.admin('GET', `reviews?tenant=${tenantId}&limit=2&after=${all[1]}`)).body;
    expect([ids(rest), rest.has_more]).toEqual([all.slice(2), false]);
    expect(ids((await client.admin('GET', `reviews?tenant=${tenantId}&category=hate`)).body)).toEqual(all.slice(1));
    expect(ids((await client.admin('GET', `reviews?tenant=${tenantId}&appealed=true`)).body)).toEqual([]);
  });

  it('show the decision, and the picture only to who asks for it by name', async () => {
    const generationId = 'gen_picture';
    const id = await decided({ ...flagged, generationId });
    expect((await client.admin('GET', `reviews/${id}`)).body).toMatchObject({
      entry: { decision: { reason: 'sexual.suggestive', generation_id: generationId } },
      image: null,
    });
    const reveal = (body: object) =>
      fetch(`http://127.0.0.1:${service.httpPort}/admin/v1/reviews/${id}/reveal`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await reveal({ reviewer: 'ann' })).status).toBe(404);
    const blurred = imageKey(generationId, 1, toImageFormat('webp'));
    for (const [key, text] of [
      [blurred, 'blurred'],
      [heldImageKey(blurred), 'a picture'],
    ] as const) {
      await mkdir(join(folder.path, key, '..'), { recursive: true });
      await writeFile(join(folder.path, key), text);
    }
    expect((await client.admin('GET', `reviews/${id}`)).body.image).toEqual({ content_type: 'image/webp' });
    expect(await acts(id)).toEqual([]);
    expect((await reveal({})).status).toBe(400);
    const shown = await reveal({ reviewer: 'ann' });
    expect([shown.status, shown.headers.get('content-type'), await shown.text()]).toEqual([200, 'image/webp', 'a picture']);
    expect(shown.headers.get('cache-control')).toBe('no-store');
    const { body } = await client.admin('GET', `reviews/${id}`);
    expect(body.acts).toMatchObject([{ kind: 'review', review: { act: 'reveal', reviewer: 'ann', decision_id: id } }]);
  });

  it('let a picture go that was held, once all that holds it is approved of', async () => {
    const of = { tenantId: 'ten_held', generationId: 'gen_held' };
    const prompt = await decided({ ...flagged, ...of, stage: 'prompt', image: 0 });
    const first = await decided({ ...of, stage: 'output_image', image: 0 });
    const second = await decided({ ...flagged, ...of });
    const key = (image: number) => imageKey(of.generationId, image, toImageFormat('png'));
    for (const image of [0, 1]) {
      for (const [name, text] of [
        [key(image), 'blurred'],
        [heldImageKey(key(image)), `image ${image}`],
      ] as const) {
        await mkdir(join(folder.path, name, '..'), { recursive: true });
        await writeFile(join(folder.path, name), text);
      }
    }
    const released = (image: number) => readFile(join(folder.path, releasedImageKey(key(image))), 'utf8').catch(() => undefined);
    const approve = async (id: string) =>
      (await client.admin('POST', `reviews/${id}/resolve`, { reviewer: 'ann', outcome: 'approve', reason: 'fine' })).status;
    expect((await client.admin('GET', `reviews/${first}`)).status).toBe(404);
    expect(await approve(prompt)).toBe(200);
    expect([await released(0), await released(1)]).toEqual(['image 0', undefined]);
    expect(await approve(second)).toBe(200);
    expect(await released(1)).toBe('image 1');
    // Again, as whoever heard of a failure would: nothing is done twice.
    expect(await approve(second)).toBe(200);
    expect(await acts(second)).toEqual(['approve']);
    const appeal = { tenantId: 'ten_held', decisionId: second, generationId: '', text: 'why?' };
    await expect(grpc.appeal(appeal)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('are ended once, with what the tenant is told, and every act is in the log', async () => {
    const tenantId = 'ten_ended';
    const id = await decided({ ...flagged, tenantId });
    await client.admin('POST', `reviews/${id}/notes`, { reviewer: 'ann', text: 'looks fine to me' });
    const approve = { reviewer: 'ben', outcome: 'approve', reason: 'a statue' };
    const { status, body } = await client.admin('POST', `reviews/${id}/resolve`, approve);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'approved', resolved_by: 'ben', reason: 'a statue' });
    expect(body.notes).toMatchObject([{ reviewer: 'ann', text: 'looks fine to me' }]);
    expect(body.acts).toMatchObject([
      { review: { act: 'approve', reviewer: 'ben', text_sha256: createHash('sha256').update('a statue').digest('hex') } },
      { review: { act: 'note', reviewer: 'ann' } },
    ]);
    const reject = await client.admin('POST', `reviews/${id}/resolve`, { ...approve, outcome: 'reject' });
    expect(reject.status).toBe(409);
    expect(await acts(id)).toEqual(['approve', 'note']);
    expect(ids((await client.admin('GET', `reviews?tenant=${tenantId}`)).body)).toEqual([]);
    expect(ids((await client.admin('GET', `reviews?tenant=${tenantId}&status=all`)).body)).toEqual([id]);
    expect((await grpc.getReview({ tenantId, decisionId: id })).review).toMatchObject({ status: 'approved', reason: 'a statue' });
    expect((await client.admin('GET', 'audit/verify')).body.intact).toBe(true);
  });

  it('are opened by an appeal, also when they were ended, and by one alone', async () => {
    const tenantId = 'ten_appeals';
    const id = await decided({ ...blocked, tenantId });
    const appeal = { tenantId, decisionId: id, generationId: '', text: 'it was a film poster' };
    const { review } = await grpc.appeal(appeal);
    expect(review).toMatchObject({ decisionId: id, status: 'open', reason: '' });
    expect(review?.appealedAtMs).toBeGreaterThan(Date.now() - 60_000);
    expect((await grpc.appeal(appeal)).review).toEqual(review);
    await expect(grpc.appeal({ ...appeal, text: 'in other words' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await acts(id)).toEqual(['appeal']);
    expect((await client.admin('GET', `reviews?tenant=${tenantId}&appealed=true`)).body.data).toMatchObject([
      { decision_id: id, appeal: 'it was a film poster', action: 'block' },
    ]);
    const flaggedId = await decided({ ...flagged, tenantId });
    await client.admin('POST', `reviews/${flaggedId}/resolve`, { reviewer: 'ben', outcome: 'reject', reason: 'no' });
    const reopened = await grpc.appeal({ ...appeal, decisionId: flaggedId });
    expect(reopened.review).toMatchObject({ status: 'open', reason: '' });
    expect(await acts(flaggedId)).toEqual(['appeal', 'reject']);
  });

  it('are opened by a generation as well, of its gravest decision', async () => {
    const of = { tenantId: 'ten_generations', generationId: 'gen_gravest' };
    const refused = await decided({ ...blocked, ...of });
    await decided({ ...flagged, ...of, action: 'warn' });
    await decided(of);
    const { review } = await grpc.appeal({ ...of, decisionId: '', text: 'please' });
    expect(review?.decisionId).toBe(refused);
  });

  it("are not opened of another tenant's decisions, of what was allowed, or of nothing", async () => {
    const of = { tenantId: 'ten_none', generationId: 'gen_none' };
    const allowed = await decided(of);
    const refused = await decided({ ...blocked, ...of });
    const appeal = { tenantId: 'ten_none', decisionId: '', generationId: '', text: 'x' };
    await expect(grpc.appeal({ ...appeal, decisionId: allowed })).rejects.toMatchObject({ code: 'conflict' });
    await expect(grpc.appeal({ ...appeal, tenantId: 'ten_other', decisionId: refused })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(grpc.appeal({ ...appeal, tenantId: 'ten_other', generationId: 'gen_none' })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(grpc.appeal(appeal)).rejects.toMatchObject({ code: 'not_found' });
    await expect(grpc.appeal({ ...appeal, decisionId: refused, text: '' })).rejects.toMatchObject({ param: 'text' });
    await expect(grpc.getReview({ tenantId: 'ten_none', decisionId: refused })).rejects.toMatchObject({ code: 'not_found' });
    await grpc.appeal({ ...appeal, decisionId: refused });
    await expect(grpc.getReview({ tenantId: 'ten_other', decisionId: refused })).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each([
    ['GET', 'reviews?status=closed', undefined, 'status'],
    ['GET', 'reviews?appealed=maybe', undefined, 'appealed'],
    ['GET', 'reviews?limit=0', undefined, 'limit'],
    ['POST', 'reviews/dec_1/resolve', { reviewer: 'ann', outcome: 'maybe', reason: 'x' }, 'outcome'],
    ['POST', 'reviews/dec_1/resolve', { reviewer: 'ann', outcome: 'approve' }, 'reason'],
    ['POST', 'reviews/dec_1/notes', { text: 'x' }, 'reviewer'],
  ])('refuse %s %s %j, naming the parameter', async (method, path, body, param) => {
    const answer = await client.admin(method, path, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code: 'invalid_argument', param });
  });

  it('are for operators alone, and of decisions that there are', async () => {
    for (const path of ['reviews', 'reviews/dec_1']) {
      expect((await client.admin('GET', path, undefined, 'wrong')).status).toBe(401);
    }
    expect((await client.admin('POST', 'reviews/dec_1/reveal', { reviewer: 'ann' }, 'wrong')).status).toBe(401);
    expect((await client.admin('POST', 'reviews/dec_1/reveal', { reviewer: 'ann' })).status).toBe(404);
    expect((await client.admin('GET', 'reviews/dec_1')).status).toBe(404);
  });
});
