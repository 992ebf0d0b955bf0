import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GenerationBody, WebhookMessageBody, WebhookWithSecretBody } from '@darkroom/contracts/http';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { denoising, ended, firstImage, state, submit } from './generation.js';
import { TestPlatform } from './platform.js';
import { until } from './processes.js';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let platform: TestPlatform;
let webhook: WebhookWithSecretBody;
const received: Received[] = [];
/** How many messages the receiver turns away before it takes one. */
let failures = 0;
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    failures -= 1;
    response.writeHead(failures >= 0 ? 503 : 204).end();
  });
});

beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  platform = await TestPlatform.start({ environment: { WEBHOOK_RETRY_SECONDS: '1,1,1,1,1' } });
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const response = await platform.fetch('/v1/webhooks', { method: 'POST', body: JSON.stringify({ url }) });
  expect(response.status).toBe(201);
  webhook = (await response.json()) as WebhookWithSecretBody;
});

afterAll(async () => {
  await platform.dispose();
  receiver.close();
});

/** Waits for the message that tells of a generation, and checks it with the specification's own library. */
async function told(id: string): Promise<WebhookMessageBody & { readonly data: GenerationBody }> {
  const messageId = id.replace('gen_', 'msg_');
  const isOf = ({ headers }: Received) => headers['webhook-id'] === messageId;
  await until(`the end of ${id} is told`, () => received.some(isOf));
  const { headers, body } = received.findLast(isOf) as Received;
  return new Verifier(webhook.secret).verify(body, headers as Record<string, string>) as never;
}

describe('a webhook', () => {
  it('is told of a generation that has succeeded, with the image', async () => {
    const id = await submit(platform);
    const { type, data } = await told(id);
    expect(type).toBe('generation.succeeded');
    const generation = await state(platform, id);
    expect({ ...data, data: null }).toEqual({ ...generation, data: null });
    expect((await firstImage(platform, data)).subarray(1, 4).toString()).toBe('PNG');
  });

  it('is told of a generation that was cancelled', async () => {
    const id = await submit(platform, { size: '512x512', steps: 100 });
    await denoising(platform, id);
    await platform.fetch(`/v1/generations/${id}`, { method: 'DELETE', body: '{}' });
    const { type, data } = await told(id);
    expect(type).toBe('generation.cancelled');
    expect(data).toMatchObject({ id, status: 'cancelled', error: { code: 'cancelled' } });
  });

  it('is told again until it takes it, and what was answered can be seen', async () => {
    failures = 2;
    const id = await submit(platform);
    const messageId = id.replace('gen_', 'msg_');
    const look = async () => (await platform.fetch(`/v1/webhooks/${webhook.id}/deliveries/${messageId}`)).json();
    await until('the delivery has succeeded', async () => ((await look()) as { status?: string }).status === 'succeeded');
    expect(await look()).toMatchObject({
      generation: id,
      attempts: [{ status_code: 503 }, { status_code: 503 }, { status_code: 204 }],
    });
  });

  it('is told although the gateway dies before it could', async () => {
    const id = await submit(platform, { size: '256x256', steps: 60 });
    await denoising(platform, id);
    await platform.kill('gateway');
    await platform.settled();
    expect((await ended(platform, id)).status).toBe('succeeded');
    expect((await told(id)).type).toBe('generation.succeeded');
  });

  it('can not lead to a private network', async () => {
    for (const url of ['http://10.0.0.1/', 'http://169.254.169.254/latest/meta-data', 'http://[fd00::1]/']) {
      const response = await platform.fetch('/v1/webhooks', { method: 'POST', body: JSON.stringify({ url }) });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { param: 'url' } });
    }
  });
});
