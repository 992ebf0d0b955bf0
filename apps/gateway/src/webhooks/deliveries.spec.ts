import { DarkroomError, newGenerationId, toQueue } from '@darkroom/contracts';
import {
  type DeliveryBody,
  deliveryBody,
  deliveryListBody,
  generationBody,
  type WebhookWithSecretBody,
  webhookMessageBody,
  webhookWithSecretBody,
} from '@darkroom/contracts/http';
import { connectRedis, WebhookEvents } from '@darkroom/service-kit/queue';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  cancel,
  controlPlane,
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
import { Deliveries } from './deliveries.js';
import { type Received, Receiver } from './receiver.fixture.js';

useGateway(
  { startRedisServer, temporaryFolder },
  { WEBHOOK_ALLOW_HTTP: 'true', WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8', WEBHOOK_RETRY_SECONDS: '0,0,1' },
);

let commands: ReturnType<typeof connectRedis>;
let events: WebhookEvents;
let receiver: Receiver;
const entered: string[] = [];
beforeAll(async () => {
  commands = connectRedis(redis.url, log);
  events = new WebhookEvents(commands);
  await vi.waitFor(() => expect(commands.status).toBe('ready'), { timeout: 20_000 });
});
beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(async () => {
  await receiver.stop();
  for (const id of entered.splice(0)) await call('DELETE', `/${id}`);
});
afterAll(async () => {
  await events.close();
  commands.disconnect();
});

function call(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${url}/v1/webhooks${path}`, {
    method,
    headers: { authorization: 'Bearer dk_alice', ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function enter(wanted: object = {}): Promise<WebhookWithSecretBody> {
  const webhook = webhookWithSecretBody.parse(await (await call('POST', '', { url: receiver.url, ...wanted })).json());
  entered.push(webhook.id);
  return webhook;
}

/** Enters a webhook that hears of nothing but tests, so that the late end of an earlier spec's generation is not counted. */
const enterForTests = () => enter({ events: ['generation.cancelled'] });

const sendTest = async ({ id }: { id: string }) => deliveryBody.parse(await (await call('POST', `/${id}/test`)).json());

const look = async ({ webhook, id }: Pick<DeliveryBody, 'webhook' | 'id'>) =>
  deliveryBody.parse(await (await call('GET', `/${webhook}/deliveries/${id}`)).json());

async function ended(delivery: Pick<DeliveryBody, 'webhook' | 'id'>, status: DeliveryBody['status']): Promise<DeliveryBody> {
  await expect.poll(async () => (await look(delivery)).status).toBe(status);
  return await look(delivery);
}

const list = async ({ id }: { id: string }, query = '') =>
  deliveryListBody.parse(await (await call('GET', `/${id}/deliveries${query}`)).json());

/** Checks a message with the specification's own library, and reads it. */
function verify({ body, headers }: Received, secret: string) {
  return webhookMessageBody.parse(new Verifier(secret).verify(body, headers as Record<string, string>));
}

/** Works as a denoiser does, which tells of the end of a generation before it comes about. */
const tellingWorker = (end: () => Promise<void> = async () => {}) =>
  work(async (job) => {
    await events.add(job.id);
    await end();
  });

const generate = async () => (await generationOf(await submitJob({ prompt: 'a red apple' }))).id;

describe('the end of a generation', () => {
  it('is told as GET tells it, signed', async () => {
    const { secret, ...webhook } = await enter();
    tellingWorker();
    const id = await generate();
    await expect.poll(() => receiver.received.length).toBe(1);
    const [received] = receiver.received as [Received];
    const { type, timestamp, data } = verify(received, secret);
    expect(type).toBe('generation.succeeded');
    expect(Math.abs(Date.parse(timestamp) - Date.now())).toBeLessThan(60_000);
    const { data: images, ...told } = generationBody.parse(data);
    const { data: shown, ...generation } = await generationOf(await get(`/v1/generations/${id}`));
    expect(told).toEqual(generation);
    expect(images).toHaveLength(shown?.length ?? 0);
    expect(await (await fetch(images?.[0]?.url ?? '')).text()).toMatch(/^a red apple/);
    expect(received.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': id.replace('gen_', 'msg_') });
    const delivery = await ended({ webhook: webhook.id, id: String(received.headers['webhook-id']) }, 'succeeded');
    expect(delivery).toMatchObject({ type, generation: id, error: null, next_attempt_at: null });
    expect(delivery.attempts).toMatchObject([{ status_code: 204, response_body: '', error: null }]);
    expect(() => verify({ ...received, body: received.body.replace('apple', 'pear') }, secret)).not.toThrow();
    expect(() => verify({ ...received, body: `${received.body} ` }, secret)).toThrow(/signature/);
  });

  it('is told to those who want to know', async () => {
    const { secret } = await enter({ events: ['generation.failed', 'generation.cancelled'] });
    tellingWorker();
    await generate();
    tellingWorker(() => Promise.reject(new Error(toQueue(new DarkroomError({ code: 'unavailable', message: 'it broke' })))));
    await Promise.all([generate(), generate(), generate()]);
    await vi.waitFor(() => expect(receiver.received.length).toBeGreaterThan(0), { timeout: 20_000 });
    for (const received of receiver.received) {
      expect(verify(received, secret)).toMatchObject({ type: 'generation.failed', data: { error: { code: 'unavailable' } } });
    }
  });

  it('is told when it is cancelled', async () => {
    const { secret } = await enter();
    const jobs = tellingWorker(() => new Promise(() => {}));
    const id = await generate();
    await expect.poll(() => jobs.length).toBe(1);
    await cancel(id);
    await expect.poll(() => receiver.received.length).toBe(1);
    expect(verify(receiver.received[0] as Received, secret)).toMatchObject({
      type: 'generation.cancelled',
      data: { id, status: 'cancelled', data: null, error: { code: 'cancelled' } },
    });
  });

  it('is told when it comes, and not when it is announced', async () => {
    await enter();
    const gate = Promise.withResolvers<void>();
    tellingWorker(() => gate.promise);
    const id = await generate();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(receiver.received).toEqual([]);
    gate.resolve();
    await expect.poll(() => receiver.received.length).toBe(1);
    expect(receiver.received[0]?.body).toContain(id);
  });

  it('is told once, however often it is announced', async () => {
    const webhook = await enter();
    const jobs = tellingWorker();
    const id = await generate();
    await Promise.all([events.add(id), events.add(id)]);
    await expect.poll(() => receiver.received.length).toBe(1);
    await events.add(id);
    await ended(await sendTest(webhook), 'succeeded');
    expect(receiver.received.filter(({ body }) => body.includes(id))).toHaveLength(1);
    expect(jobs).toHaveLength(1);
  });

  it('of which nobody knows holds up no other', async () => {
    await enter();
    await events.add(newGenerationId());
    tellingWorker();
    await generate();
    await expect.poll(() => receiver.received.length).toBe(1);
  });

  it('waits for the control plane, and is told when that is back', { timeout: 30_000 }, async () => {
    await enter();
    tellingWorker();
    const id = await generate();
    controlPlane.stop();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(receiver.received).toEqual([]);
    await controlPlane.start();
    await expect.poll(() => receiver.received.length).toBe(1);
    expect(receiver.received[0]?.body).toContain(id);
  });
});

describe('a delivery', () => {
  it('is tried again until it succeeds, as the same message', async () => {
    const webhook = await enterForTests();
    receiver.answer = (response, attempt) => response.writeHead([500, 503, 200][attempt] ?? 500).end(`answer ${attempt}`);
    const delivery = await ended(await sendTest(webhook), 'succeeded');
    expect(delivery.attempts).toMatchObject([
      { status_code: 500, response_body: 'answer 0', error: 'it answered 500' },
      { status_code: 503, response_body: 'answer 1', error: 'it answered 503' },
      { status_code: 200, response_body: 'answer 2', error: null },
    ]);
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([delivery.id, delivery.id, delivery.id]);
    for (const received of receiver.received) {
      expect(verify(received, webhook.secret)).toMatchObject({ type: 'webhook.test', data: { webhook: webhook.id } });
    }
  });

  it('is given up when its schedule is used up, which disables nothing and stays visible', async () => {
    const webhook = await enter();
    receiver.answer = (response) => response.writeHead(500).end();
    const delivery = await ended(await sendTest(webhook), 'failed');
    expect(delivery.attempts).toHaveLength(4);
    expect(delivery).toMatchObject({ error: 'it answered 500', next_attempt_at: null });
    expect(await (await call('GET', `/${webhook.id}`)).json()).toMatchObject({ enabled: true });
    expect((await list(webhook, '?status=failed')).data).toEqual([delivery]);
    expect((await list(webhook, '?status=pending')).data).toEqual([]);
  });

  it('to nobody is given up with the reason', async () => {
    const webhook = await enter();
    await receiver.stop();
    const delivery = await ended(await sendTest(webhook), 'failed');
    expect(delivery.attempts.at(-1)).toMatchObject({ status_code: null, error: 'the connection was refused' });
    receiver = await Receiver.start();
  });

  it('that is answered 410 Gone disables the webhook', async () => {
    const webhook = await enter();
    receiver.answer = (response) => response.writeHead(410).end();
    const delivery = await ended(await sendTest(webhook), 'failed');
    expect(delivery.attempts).toHaveLength(1);
    expect(await (await call('GET', `/${webhook.id}`)).json()).toMatchObject({
      enabled: false,
      disabled_reason: 'it answered 410 Gone',
    });
    expect((await call('POST', `/${webhook.id}/deliveries/${delivery.id}/replay`)).status).toBe(409);
    const present = await Receiver.start();
    await enter({ url: present.url });
    tellingWorker();
    await generate();
    await expect.poll(() => present.received.length).toBe(1);
    expect(receiver.received).toHaveLength(1);
    await present.stop();
    await call('PATCH', `/${webhook.id}`, { enabled: true });
    expect(await (await call('GET', `/${webhook.id}`)).json()).toMatchObject({ enabled: true, disabled_reason: null });
  });

  it('follows no redirect, and says so', async () => {
    const webhook = await enter();
    const elsewhere = await Receiver.start();
    receiver.answer = (response) => response.writeHead(307, { location: elsewhere.url }).end();
    const delivery = await ended(await sendTest(webhook), 'failed');
    expect(delivery.attempts[0]).toMatchObject({ status_code: 307, error: 'it answered 307, a redirect, which is not followed' });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.stop();
  });

  it('is signed by the secret before a rotation as well', async () => {
    const webhook = await enter();
    const { secret } = webhookWithSecretBody.parse(await (await call('POST', `/${webhook.id}/rotate-secret`)).json());
    await ended(await sendTest(webhook), 'succeeded');
    const [received] = receiver.received as [Received];
    for (const each of [webhook.secret, secret]) expect(verify(received, each).type).toBe('webhook.test');
    const stranger = `whsec_${Buffer.alloc(32).toString('base64')}`;
    expect(() => verify(received, stranger)).toThrow(/signature/);
  });

  it('is sent again on request, as the same message', async () => {
    const webhook = await enterForTests();
    const delivery = await ended(await sendTest(webhook), 'succeeded');
    const replayed = await call('POST', `/${webhook.id}/deliveries/${delivery.id}/replay`, {});
    expect(replayed.status).toBe(202);
    await expect.poll(() => receiver.received.length).toBe(2);
    expect((await ended(delivery, 'succeeded')).attempts).toHaveLength(2);
    expect(receiver.received[1]?.headers['webhook-id']).toBe(delivery.id);
    receiver.answer = (response, attempt) => response.writeHead(attempt < 4 ? 500 : 200).end();
    await call('POST', `/${webhook.id}/deliveries/${delivery.id}/replay`);
    await expect.poll(() => receiver.received.length).toBe(5);
    expect((await ended(delivery, 'succeeded')).attempts).toHaveLength(5);
    expect((await call('POST', `/${webhook.id}/deliveries/msg_absent/replay`)).status).toBe(404);
  });

  it('is listed by pages, the newest first, beside no other webhook’s', async () => {
    const [webhook, other] = [await enter(), await enter()];
    const sent: string[] = [];
    for (let count = 0; count < 5; count += 1) sent.unshift((await sendTest(webhook)).id);
    await sendTest(other);
    const first = await list(webhook, '?limit=3');
    expect(first.data.map(({ id }) => id)).toEqual(sent.slice(0, 3));
    expect(first).toMatchObject({ first_id: sent[0], last_id: sent[2], has_more: true });
    const rest = await list(webhook, `?limit=3&after=${first.last_id}`);
    expect(rest.data.map(({ id }) => id)).toEqual(sent.slice(3));
    expect(rest.has_more).toBe(false);
  });

  it('to a receiver that never answers holds up no other', { timeout: 40_000 }, async () => {
    const slow = await enter();
    receiver.answer = () => undefined;
    await Promise.all(Array.from({ length: 30 }, () => sendTest(slow)));
    const quick = await Receiver.start();
    const webhook = await enter({ url: quick.url });
    await ended(await sendTest(webhook), 'succeeded');
    expect((await list(slow, '?status=pending')).data.length).toBeGreaterThan(0);
    expect(receiver.received.length).toBeLessThanOrEqual(4);
    await quick.stop();
  });

  it('to a webhook that was deleted meanwhile is dropped', async () => {
    const webhook = await enter();
    receiver.answer = (response) => {
      void call('DELETE', `/${webhook.id}`).then(() => response.writeHead(500).end());
    };
    const { id } = await sendTest(webhook);
    const find = () => gateway.app.get(Deliveries).find(webhook.id, id);
    await expect.poll(async () => (await find()).state).toBe('failed');
    expect((await find()).job.failedReason).toBe('the webhook was deleted');
    expect(receiver.received).toHaveLength(1);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/darkroom_webhook_deliveries_total\{[^}]*result="dropped"[^}]*\} [1-9]/);
    expect(metrics).toMatch(/darkroom_webhook_attempt_seconds_count\{[^}]*outcome="refused"[^}]*\} [1-9]/);
  });
});

describe('a gateway that stops', () => {
  it('loses nothing that waits to be tried again, nor what is being sent', { timeout: 60_000 }, async () => {
    await gateway.stop();
    await startGateway({ WEBHOOK_RETRY_SECONDS: '1' });
    const webhook = await enter();
    receiver.answer = (response) => response.writeHead(500).end();
    const waiting = await sendTest(webhook);
    await expect.poll(async () => (await look(waiting)).attempts.length).toBe(1);
    receiver.answer = () => undefined;
    const hanging = await sendTest(webhook);
    await expect.poll(() => receiver.received.length).toBe(2);
    await gateway.stop();
    receiver.answer = (response) => void response.writeHead(200).end();
    await startGateway();
    expect((await ended(waiting, 'succeeded')).attempts).toMatchObject([{ status_code: 500 }, { status_code: 200 }]);
    expect((await ended(hanging, 'succeeded')).attempts).toMatchObject([{ status_code: 200 }]);
    expect(receiver.received.filter(({ headers }) => headers['webhook-id'] === hanging.id)).toHaveLength(2);
  });

  it('leaves the ends that come meanwhile to the next one', async () => {
    await enter();
    tellingWorker();
    const id = await generate();
    await gateway.stop();
    await startGateway();
    await expect.poll(() => receiver.received.some(({ body }) => body.includes(id))).toBe(true);
  });

  it('sends what waits for hours at once, when it is asked to', async () => {
    await gateway.stop();
    await startGateway({ WEBHOOK_RETRY_SECONDS: '86400' });
    const webhook = await enter();
    receiver.answer = (response, attempt) => response.writeHead(attempt === 0 ? 500 : 200).end();
    const delivery = await sendTest(webhook);
    await expect.poll(async () => (await look(delivery)).next_attempt_at).not.toBe(null);
    const { next_attempt_at: next } = await look(delivery);
    const hours = (Date.parse(next ?? '') - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThan(24 * 1.2 + 0.1);
    await call('POST', `/${webhook.id}/deliveries/${delivery.id}/replay`);
    await ended(delivery, 'succeeded');
  });
});
