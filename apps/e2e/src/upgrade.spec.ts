import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GenerationBody, GenerationListBody } from '@darkroom/contracts/http';
import { makeCertificateAuthority, type RedisServer, startRedisServer } from '@darkroom/testing';
import { type LeftGeneration, type LeftWork, restoreState } from '@darkroom/upgrade';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended, firstImage, state } from './generation.js';
import { TestPlatform } from './platform.js';
import { until } from './processes.js';

/** What `npm run upgrade -- record` wrote down of earlier versions. */
const states = path.resolve(import.meta.dirname, '../states');

let redis: RedisServer;
let platform: TestPlatform;
let left: LeftWork;
let stateDir: string;
const received: { headers: IncomingHttpHeaders; body: string }[] = [];
const receiver = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => (body += text));
  request.on('end', () => {
    received.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
});

beforeAll(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  receiver.close();
});

/** Makes certificates and a token for all services, and returns the settings that name them. */
async function grpcSecurity(): Promise<NodeJS.ProcessEnv> {
  const authority = await makeCertificateAuthority();
  const { certificate, key } = await authority.issue();
  const file = (name: string, content: string) => {
    const place = path.join(stateDir, name);
    writeFileSync(place, content, { mode: 0o600 });
    return place;
  };
  return {
    GRPC_TLS_CERT: file('tls.crt', certificate),
    GRPC_TLS_KEY: file('tls.key', key),
    GRPC_TLS_CA: file('ca.crt', authority.certificate),
    GRPC_TOKEN: 'a-token-of-this-spec',
  };
}

/** Asks for a generation as it was asked for, under its key. */
async function askAgain({ idempotencyKey, body }: LeftGeneration): Promise<GenerationBody> {
  const headers = { 'idempotency-key': idempotencyKey };
  const response = await platform.fetch('/v1/generations', { method: 'POST', body: JSON.stringify(body), headers });
  expect(response.status).toBe(202);
  return (await response.json()) as GenerationBody;
}

describe.each(readdirSync(states))('this version, started on what %s left when all of it was killed', (commit) => {
  beforeAll(async () => {
    stateDir = mkdtempSync(path.join(tmpdir(), 'darkroom-upgrade-'));
    redis = await startRedisServer();
    ({ work: left } = await restoreState(path.join(states, commit), stateDir, redis.url));
    // Between its services there are certificates and a token, as there were none before.
    const environment = { ...(await grpcSecurity()), REDIS_URL: redis.url, MODELS: '' };
    platform = await TestPlatform.start({ stateDir, environment });
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
    const moved = await platform.fetch(`/v1/webhooks/${left.webhook.id}`, { method: 'PATCH', body: JSON.stringify({ url }) });
    expect(moved.status, await moved.text()).toBe(200);
  });

  afterAll(async () => {
    await platform?.dispose();
    await redis?.dispose();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it('has the images that were made, by the key that was given out', async () => {
    const { id, imageSha256 } = left.finished;
    const generation = await state(platform, id);
    expect(generation?.status).toBe('succeeded');
    const image = await firstImage(platform, generation as GenerationBody);
    expect(createHash('sha256').update(image).digest('hex')).toBe(imageSha256);
    expect(await platform.usage(id)).toHaveLength(1);
    const { data } = (await (await platform.fetch('/v1/generations?model=pocket-turbo')).json()) as GenerationListBody;
    expect(data.map((listed) => listed.id)).toEqual([id]);
  });

  it('makes what was under way, from its checkpoint, and charges it once', async () => {
    const { id } = left.running;
    expect((await ended(platform, id)).status).toBe('succeeded');
    const denoiser = platform.record.services.find(({ name }) => name === 'denoiser-pocket');
    const metrics = await (await fetch(`${denoiser?.httpUrl}/metrics`)).text();
    expect(metrics).toMatch(/darkroom_images_resumed_total\{[^}]*result="resumed"[^}]*\} 1/);
    expect(await platform.usage(id)).toMatchObject([{ outcome: 'succeeded' }]);
  });

  it('makes what waited with a prompt in the blob store, and drops what was cancelled', async () => {
    expect((await ended(platform, left.waiting.id)).status).toBe('succeeded');
    expect((await ended(platform, left.cancelled.id)).status).toBe('cancelled');
    expect(await platform.usage(left.waiting.id)).toHaveLength(1);
    expect(await platform.usage(left.cancelled.id)).toEqual([]);
  });

  it('knows the requests by their Idempotency-Keys', async () => {
    for (const generation of [left.finished, left.waiting]) expect((await askAgain(generation)).id).toBe(generation.id);
  });

  it('takes what moderators had decided into the audit log, which is intact', async () => {
    // The control plane had stopped before this was judged.
    const entries = await platform.admin<{ data: unknown[] }>('GET', `/audit?${new URLSearchParams(left.judged)}`);
    expect(entries.data).toContainEqual(expect.objectContaining({ kind: 'decision' }));
    expect(await platform.admin('GET', '/audit/verify')).toMatchObject({ intact: true, problems: [] });
  });

  it('signs what webhooks are told with the secret that their owner was given', async () => {
    const id = left.running.id.replace('gen_', 'msg_');
    const isOf = ({ headers }: { headers: IncomingHttpHeaders }) => headers['webhook-id'] === id;
    await until('the webhook is told', () => received.some(isOf));
    const { headers, body } = received.find(isOf) ?? { headers: {}, body: '' };
    expect(new Verifier(left.webhook.secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'generation.succeeded',
    });
  });
});
