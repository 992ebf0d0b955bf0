import { newWebhookId } from '@darkroom/contracts';
import { webhookBody, webhookListBody, webhookWithSecretBody } from '@darkroom/contracts/http';
import { startRedisServer, temporaryFolder } from '@darkroom/testing';
import { describe, expect, it } from 'vitest';
import { controlPlane, errorOf, url, useGateway } from '../gateway.fixture.js';

useGateway({ startRedisServer, temporaryFolder });

function call(method: string, path = '', body?: unknown, { key = 'dk_alice', headers = {} } = {}): Promise<Response> {
  return fetch(`${url}/v1/webhooks${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** A public address, so that nothing is resolved; nothing is ever sent there. */
const hook = 'https://93.184.215.14/hook?token=1';

describe('a webhook', () => {
  it('is entered for all events, and shows its secret once', async () => {
    const response = await call('POST', '', { url: hook });
    expect(response.status).toBe(201);
    const { secret, ...webhook } = webhookWithSecretBody.parse(await response.json());
    expect(webhook).toMatchObject({
      id: expect.stringMatching(/^whk_[0-9a-f-]{36}$/),
      url: hook,
      events: ['generation.succeeded', 'generation.failed', 'generation.cancelled'],
      description: '',
      enabled: true,
      disabled_reason: null,
      previous_secret_expires: null,
    });
    expect(Buffer.from(secret.replace(/^whsec_/, ''), 'base64').length).toBe(32);
    const shown = await (await call('GET', `/${webhook.id}`)).text();
    expect(webhookBody.parse(JSON.parse(shown))).toEqual(webhook);
    expect(shown).not.toContain('whsec_');
    const list = await (await call('GET')).text();
    expect(webhookListBody.parse(JSON.parse(list)).data).toContainEqual(webhook);
    expect(list).not.toContain('whsec_');
  });

  it('is changed and deleted', async () => {
    const wanted = { url: hook, events: ['generation.failed'], description: 'the shop' };
    const { secret, ...webhook } = webhookWithSecretBody.parse(await (await call('POST', '', wanted)).json());
    expect(webhook).toMatchObject(wanted);
    const path = `/${webhook.id}`;
    const changed = await call('PATCH', path, { url: `${hook}2`, enabled: false, description: null });
    expect(webhookBody.parse(await changed.json())).toEqual({ ...webhook, url: `${hook}2`, enabled: false });
    expect((await call('POST', `${path}/test`)).status).toBe(409);
    expect(await (await call('PATCH', path, {})).json()).toMatchObject({ enabled: false });
    const rotated = webhookWithSecretBody.parse(await (await call('POST', `${path}/rotate-secret`)).json());
    expect(rotated.secret).not.toBe(secret);
    expect(rotated.previous_secret_expires).toBeGreaterThan(Date.now() / 1000);
    expect(await (await call('DELETE', path)).json()).toEqual({ id: webhook.id, object: 'webhook', deleted: true });
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('DELETE', path)).status).toBe(404);
  });

  it('is its tenant’s alone', async () => {
    const { id } = webhookWithSecretBody.parse(await (await call('POST', '', { url: hook })).json());
    const bob = { key: 'dk_bob' };
    for (const wanted of [id, newWebhookId(), 'nonsense', '%00']) {
      const answers = [
        await call('GET', `/${wanted}`, undefined, bob),
        await call('PATCH', `/${wanted}`, { enabled: false }, bob),
        await call('DELETE', `/${wanted}`, undefined, bob),
        await call('POST', `/${wanted}/rotate-secret`, undefined, bob),
        await call('POST', `/${wanted}/test`, undefined, bob),
        await call('GET', `/${wanted}/deliveries`, undefined, bob),
        await call('GET', `/${wanted}/deliveries/msg_1`, undefined, bob),
        await call('POST', `/${wanted}/deliveries/msg_1/replay`, undefined, bob),
      ];
      for (const answer of answers) {
        expect(answer.status).toBe(404);
        expect(await errorOf(answer)).toMatchObject({ code: 'not_found', param: 'id' });
      }
    }
    expect(await (await call('GET', '', undefined, bob)).json()).toEqual({ object: 'list', data: [] });
    expect((await call('GET', `/${id}`)).status).toBe(200);
  });

  it('that is entered twice with one Idempotency-Key is one', async () => {
    const headers = { 'idempotency-key': 'hook of the shop' };
    const [first, second] = await Promise.all([1, 2].map(() => call('POST', '', { url: hook }, { headers })));
    expect(await first?.json()).toEqual(await second?.json());
    expect((await call('POST', '', { url: `${hook}3` }, { headers })).status).toBe(409);
  });

  it.each([
    ['POST', '', {}, 'url'],
    ['POST', '', { url: 7 }, 'url'],
    ['POST', '', { url: '' }, 'url'],
    ['POST', '', { url: `${hook}${'x'.repeat(2_048)}` }, 'url'],
    ['POST', '', { url: 'http://93.184.215.14/' }, 'url'],
    ['POST', '', { url: 'https://127.0.0.1/' }, 'url'],
    ['POST', '', { url: 'https://localhost/' }, 'url'],
    ['POST', '', { url: 'https://[::ffff:169.254.169.254]/latest/meta-data' }, 'url'],
    ['POST', '', { url: 'https://user:password@93.184.215.14/' }, 'url'],
    ['POST', '', { url: hook, events: [] }, 'events'],
    ['POST', '', { url: hook, events: 'generation.failed' }, 'events'],
    ['POST', '', { url: hook, events: ['generation.begun'] }, 'events'],
    ['POST', '', { url: hook, events: ['generation.failed', 'generation.failed'] }, 'events'],
    ['POST', '', { url: hook, description: 'x'.repeat(201) }, 'description'],
    ['POST', '', { url: hook, description: 'a\u0000b' }, 'description'],
    ['POST', '', { url: `${hook}\u0000` }, 'url'],
    ['POST', '', { url: ` ${hook}` }, 'url'],
    ['POST', '', { url: `${hook}\ud800` }, 'url'],
    ['POST', '', { url: hook, secret: 'whsec_mine' }, 'secret'],
    ['POST', '', [], 'body'],
    ['PATCH', `/${newWebhookId()}`, { url: 'https://10.0.0.1/' }, 'url'],
    ['PATCH', '/whk_1', { enabled: 'yes' }, 'enabled'],
    ['PATCH', '/whk_1', { id: 'whk_2' }, 'id'],
    ['POST', '/whk_1/test', { type: 'generation.failed' }, 'type'],
    ['GET', '/whk_1/deliveries?limit=0', undefined, 'limit'],
    ['GET', '/whk_1/deliveries?limit=101', undefined, 'limit'],
    ['GET', '/whk_1/deliveries?after=gen_1', undefined, 'after'],
    ['GET', '/whk_1/deliveries?status=lost', undefined, 'status'],
    ['GET', '/whk_1/deliveries?page=2', undefined, 'page'],
    ['GET', '?limit=5', undefined, 'limit'],
  ])('is refused for %s %s %j, which names the parameter', async (method, path, body, param) => {
    const response = await call(method, path, body);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: 'invalid_argument', param });
  });

  it('can not be looked up while the control plane is away', async () => {
    controlPlane.stop();
    expect((await call('GET')).status).toBe(503);
    await controlPlane.start();
    await expect.poll(async () => (await call('GET')).status).toBe(200);
  });
});
