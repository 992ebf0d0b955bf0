/** What operators see of deliveries and do about them: over HTTP, with a real Redis that a gateway's worker works on. */
import { messageIdOf, newGenerationId, newMessageId, newWebhookId } from '@darkroom/contracts';
import type { AdminDeliveryBody } from '@darkroom/contracts/admin';
import { Log, type RunningService } from '@darkroom/service-kit';
import { connectRedis, DeliveryStore, type FoundDelivery, patientOptions, WEBHOOK_DELIVERIES } from '@darkroom/service-kit/queue';
import { type RedisServer, startRedisServer, stateFolder, type TemporaryFolder } from '@darkroom/testing';
import { UnrecoverableError, Worker } from 'bullmq';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Client, readiness, startControlPlane } from '../control-plane.fixture.js';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { WebhookRepository } from './webhook.repository.js';

let server: RedisServer;
let folder: TemporaryFolder;
let redis: ReturnType<typeof connectRedis>;
let store: DeliveryStore;
let service: RunningService;
let client: Client;
let tenantId: string;
const workers: Worker[] = [];

beforeAll(async () => {
  [server, folder] = await Promise.all([startRedisServer(), stateFolder()]);
  redis = connectRedis(server.url, Log.create('spec', 'silent'));
  store = new DeliveryStore(redis);
  service = await startControlPlane({ DARKROOM_STATE_DIR: folder.path, REDIS_URL: server.url });
  client = new Client(service);
  await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
  ({ id: tenantId } = await service.app.get(TenantRepository).ensure('alice'));
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
});
afterAll(async () => {
  client.connection.close();
  await service.stop();
  await store.close();
  redis.disconnect();
  await server.dispose();
  await folder.remove();
});

async function enter(): Promise<string> {
  const webhook = { id: newWebhookId(), tenantId, url: 'https://hooks.example/a', events: ['generation.succeeded'] };
  await service.app.get(WebhookRepository).create({ ...webhook, description: '', gatewayUrl: '', sealedSecret: 'sealed' }, 20);
  return webhook.id;
}

/** Queues the end of a generation as a gateway does, with a message that nobody else is to read. */
async function send(webhook: string): Promise<string> {
  const generation = { id: newGenerationId(), prompt: 'a red apple' };
  const message = { id: messageIdOf(generation.id), type: 'generation.succeeded' as const, generation };
  await store.add(webhook, tenantId, message);
  return message.id;
}

/** Does a gateway's part: notes an attempt whose answer repeats the message, and gives up what was not taken. */
function deliver(status: number): void {
  const process = async (job: FoundDelivery['job']) => {
    const error = status < 300 ? null : `it answered ${status}`;
    const answer = { at: new Date().toISOString(), duration_ms: 3, status_code: status, response_body: 'a red apple', error };
    await job.updateData({ ...job.data, attempts: [...job.data.attempts, answer] });
    if (error !== null) throw new UnrecoverableError(error);
  };
  workers.push(new Worker(WEBHOOK_DELIVERIES, process as never, { connection: { url: server.url, ...patientOptions } }));
}

const get = async (path: string) => await client.admin('GET', `webhooks/${path}`);
const statusOf = async (webhook: string, id: string) => (await get(`${webhook}/deliveries/${id}`)).body.status;
const idsOf = async (path: string) => (await get(path)).body.data.map(({ id }: AdminDeliveryBody) => id);
const acts = async (subject: string) =>
  (await client.admin('GET', 'audit?kind=operator&limit=20')).body.data
    .map(({ operator }: { operator: object }) => operator)
    .filter((act: { action: string; subject: string }) => act.action === 'webhook.replay' && act.subject === subject);

it('a webhook’s deliveries are shown with their attempts, and neither the message nor what was answered', async () => {
  const webhook = await enter();
  const id = await send(webhook);
  expect((await get(`${webhook}/deliveries/${id}`)).body).toMatchObject({ status: 'pending', attempts: [], error: null });
  deliver(500);
  await expect.poll(() => statusOf(webhook, id), { timeout: 10_000 }).toBe('failed');
  const { body } = await get(`${webhook}/deliveries/${id}`);
  expect(body).toEqual({
    ...{ id, webhook, type: 'generation.succeeded', generation: id.replace('msg_', 'gen_'), status: 'failed' },
    ...{ error: 'it answered 500', created_at: expect.any(String), next_attempt_at: null },
    attempts: [{ at: expect.any(String), duration_ms: 3, status_code: 500, error: 'it answered 500' }],
  });
  expect((await get(`${webhook}/deliveries`)).body).toEqual({ object: 'list', data: [body], last_id: id, has_more: false });
  expect((await get(webhook)).body).toMatchObject({ id: webhook, tenant: tenantId, url: 'https://hooks.example/a' });
});

it('are listed the newest first, by how they stand, a page at a time, beside no other webhook’s', async () => {
  const [webhook, other] = [await enter(), await enter()];
  const taken = await send(webhook);
  deliver(204);
  await expect.poll(() => statusOf(webhook, taken), { timeout: 10_000 }).toBe('succeeded');
  await workers.pop()?.close();
  const waiting = [await send(webhook), await send(webhook)].reverse();
  await send(other);
  expect(await idsOf(`${webhook}/deliveries`)).toEqual([...waiting, taken]);
  expect(await idsOf(`${webhook}/deliveries?status=pending`)).toEqual(waiting);
  expect(await idsOf(`${webhook}/deliveries?status=succeeded`)).toEqual([taken]);
  const { body } = await get(`${webhook}/deliveries?limit=1`);
  expect([body.last_id, body.has_more]).toEqual([waiting[0], true]);
  expect(await idsOf(`${webhook}/deliveries?limit=1&after=${body.last_id}`)).toEqual([waiting[1]]);
});

it('are sent again by an operator as the same message, which the audit log has, and to none that is disabled', async () => {
  const webhook = await enter();
  const id = await send(webhook);
  deliver(503);
  await expect.poll(() => statusOf(webhook, id), { timeout: 10_000 }).toBe('failed');
  await workers.pop()?.close();
  const replay = `webhooks/${webhook}/deliveries/${id}/replay`;
  await client.admin('PATCH', `webhooks/${webhook}`, { enabled: false });
  expect((await client.admin('POST', replay)).status).toBe(409);
  await client.admin('PATCH', `webhooks/${webhook}`, { enabled: true });
  const { status, body } = await client.admin('POST', replay);
  expect([status, body.id, body.status]).toEqual([202, id, 'pending']);
  deliver(200);
  await expect.poll(() => statusOf(webhook, id), { timeout: 10_000 }).toBe('succeeded');
  expect((await get(`${webhook}/deliveries/${id}`)).body.attempts).toMatchObject([{ status_code: 503 }, { status_code: 200 }]);
  expect(await acts(webhook)).toMatchObject([
    { outcome: 'done', facts: { delivery: id } },
    { outcome: 'failed', facts: { delivery: id } },
  ]);
});

it.each([
  ['GET', newWebhookId(), 404],
  ['GET', `${newWebhookId()}/deliveries`, 404],
  ['GET', 'ENTERED/deliveries/msg_1', 404],
  ['GET', `ENTERED/deliveries/${newMessageId()}`, 404],
  ['POST', `ENTERED/deliveries/${newMessageId()}/replay`, 404],
  ['GET', 'ENTERED/deliveries?status=lost', 400],
  ['GET', 'ENTERED/deliveries?after=gen_1', 400],
  ['GET', 'ENTERED/deliveries?limit=0', 400],
])('%s of %s is answered with %i', async (method, path, status) => {
  expect((await client.admin(method, `webhooks/${path.replace('ENTERED', await enter())}`)).status).toBe(status);
});

it('can’t be shown nor sent again while Redis is away; the webhook can', { timeout: 40_000 }, async () => {
  const webhook = await enter();
  const id = await send(webhook);
  await server.stop();
  for (const [method, path] of [
    ['GET', ''],
    ['GET', `/${id}`],
    ['POST', `/${id}/replay`],
  ] as const) {
    const { status, body } = await client.admin(method, `webhooks/${webhook}/deliveries${path}`);
    expect([status, body.error.message]).toEqual([503, expect.stringContaining('not reachable')]);
  }
  expect((await get(webhook)).body).toMatchObject({ id: webhook, enabled: true });
  await server.start();
  await expect.poll(() => statusOf(webhook, id), { timeout: 10_000 }).toBe('pending');
});
