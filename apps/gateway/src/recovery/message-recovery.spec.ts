/** Redis loses what it had of webhooks' messages, and the database has what is owed. */
import { GenerationResult, messageIdOf, newWebhookId, type OwedMessage, resultKey } from '@darkroom/contracts';
import { type WebhookWithSecretBody, webhookWithSecretBody } from '@darkroom/contracts/http';
import { deliveryStatus } from '@darkroom/service-kit/queue';
import * as testing from '@darkroom/testing';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { blobs, commands, gateway, generationOf, get, submitJob, url, useGateway, work } from '../gateway.fixture.js';
import { endJournalled, journalled } from '../journal/journal-service.fixture.js';
import { GenerationJobs } from '../queue/generation-jobs.js';
import { Deliveries } from '../webhooks/deliveries.js';
import { Receiver } from '../webhooks/receiver.fixture.js';
import { owedKey, owedMessages } from '../webhooks/webhook-service.fixture.js';

useGateway(testing, {
  WEBHOOK_ALLOW_HTTP: 'true',
  WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
  WEBHOOK_RETRY_SECONDS: '3600',
});

let receiver: Receiver;
beforeEach(async () => {
  receiver = await Receiver.start();
});
afterEach(async () => {
  await receiver.stop();
  journalled.clear();
  owedMessages.clear();
});

const call = (path: string, body: object) =>
  fetch(`${url}/v1/webhooks${path}`, {
    method: 'POST',
    headers: { authorization: 'Bearer dk_alice', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const enter = async (): Promise<WebhookWithSecretBody> =>
  webhookWithSecretBody.parse(await (await call('', { url: receiver.url })).json());

/** Lets a worker make a generation, whose result is stored as a denoiser does. */
async function make(): Promise<string> {
  work();
  const { id } = await generationOf(await submitJob({ prompt: 'a red apple' }));
  await expect.poll(async () => (await generationOf(await get(`/v1/generations/${id}`))).status).toBe('succeeded');
  const { result } = (await gateway.app.get(GenerationJobs).inQueue(id)) ?? {};
  await blobs.put(resultKey(id), GenerationResult.encode(result as GenerationResult).finish());
  return id;
}

/** Notes what is owed, as the control plane does with the end of a generation. */
function owe(generationId: string, webhookId: string, endedAtMs = Date.now() - 10_000): OwedMessage {
  const message = { generationId, webhookId, tenantId: 'ten_alice', endedAtMs };
  owedMessages.set(owedKey(message), message);
  return message;
}
const isOwed = (message: OwedMessage) => owedMessages.has(owedKey(message));

/** Has the gateway look, as it does when Redis is back. */
async function lookAgain(): Promise<void> {
  await commands.call('CLIENT', 'KILL', 'TYPE', 'normal');
  await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 10_000 }).toBe(200);
}

/** Waits until a delivery has ended, and until the gateway has seen that. */
async function settled(message: OwedMessage, status: string): Promise<void> {
  const { webhookId, generationId } = message;
  const state = async () => {
    const found = await gateway.app.get(Deliveries).look(webhookId, messageIdOf(generationId));
    return found && deliveryStatus(found.state);
  };
  await expect.poll(state, { timeout: 10_000 }).toBe(status);
  await lookAgain();
  await expect.poll(() => isOwed(message), { timeout: 10_000 }).toBe(false);
}
const told = () => receiver.received.map(({ headers }) => headers['webhook-id']);

it('a message that waited to be tried again comes back, signed and with the same id, and is owed until it is taken', async () => {
  const { id: webhook, secret } = await enter();
  const id = await make();
  const owed = owe(id, webhook);
  receiver.answer = (response) => response.writeHead(503).end();
  await lookAgain();
  await expect.poll(() => told().length, { timeout: 10_000 }).toBe(1);
  await commands.flushall();
  receiver.answer = (response) => response.writeHead(204).end();
  await lookAgain();
  await expect.poll(() => told().length, { timeout: 10_000 }).toBe(2);
  expect(new Set(told())).toEqual(new Set([id.replace('gen_', 'msg_')]));
  const { body, headers } = receiver.received[1] as (typeof receiver.received)[0];
  const message = new Verifier(secret).verify(body, headers as Record<string, string>);
  expect(message).toMatchObject({
    type: 'generation.succeeded',
    timestamp: new Date(owed.endedAtMs).toISOString(),
    data: { id, status: 'succeeded', data: [{ url: expect.stringContaining('http') }] },
  });
  await settled(owed, 'succeeded');
  expect(told()).toHaveLength(2);
});

it('a failure is told by the journal, to those alone that are owed it', async () => {
  const [one, other] = [await enter(), await enter()];
  const id = await make();
  endJournalled(id, 'failed');
  owe(id, one.id);
  await commands.flushall();
  await lookAgain();
  await expect.poll(() => told().length, { timeout: 10_000 }).toBe(1);
  const { body, headers } = receiver.received[0] as (typeof receiver.received)[0];
  expect(new Verifier(one.secret).verify(body, headers as Record<string, string>)).toMatchObject({
    type: 'generation.failed',
    data: { id, status: 'failed', error: { code: 'internal' } },
  });
  expect(() => new Verifier(other.secret).verify(body, headers as Record<string, string>)).toThrow(/signature/);
});

it('what can not be told any more is owed no more: a deleted webhook’s, a lost result’s, and what is over three days old', async () => {
  const { id: webhook } = await enter();
  const [deleted, lost, old] = [await make(), await make(), await make()];
  await blobs.delete(resultKey(lost));
  const owed = [owe(deleted, newWebhookId()), owe(lost, webhook), owe(old, webhook, Date.now() - 3 * 24 * 60 * 60 * 1000 - 1)];
  await commands.flushall();
  await lookAgain();
  await settled(owed[0] as OwedMessage, 'failed');
  expect(owed.filter(isOwed)).toEqual([]);
  expect(told()).toEqual([]);
});

it('what has just ended is left to who tells of it first', async () => {
  const { id: webhook } = await enter();
  const [young, ripe] = [await make(), await make()];
  owe(young, webhook, Date.now());
  owe(ripe, webhook);
  await commands.flushall();
  await lookAgain();
  await expect.poll(told, { timeout: 10_000 }).toEqual([ripe.replace('gen_', 'msg_')]);
});
