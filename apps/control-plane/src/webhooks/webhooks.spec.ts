import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CreateWebhookRequest,
  GenerationJob,
  newGenerationId,
  newWebhookId,
  WebhookServiceService,
} from '@darkroom/contracts';
import type { AdminWebhookBody } from '@darkroom/contracts/admin';
import { type GrpcClient, GrpcConnection, type RunningService, serve, startService } from '@darkroom/service-kit';
import { startPostgresServer, stateFolder, temporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../app.module.js';
import { Config } from '../config.js';
import { Database } from '../database/database.provider.js';
import { eq, sql } from '../database/drizzle.js';
import { webhooks } from '../database/schema.js';
import { GenerationJournal } from '../journal/generation-journal.js';
import type { Standing } from '../journal/standing.js';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { WebhookHandlers } from './webhook.handlers.js';

const ADMIN_TOKEN = 'spec-admin-token-0123456789';

interface Place {
  readonly environment: Record<string, string>;
  readonly stateDir: string;
  dispose(): Promise<void>;
}

const databases: [string, () => Promise<Place>][] = [
  [
    'PGlite',
    async () => {
      const folder = await stateFolder();
      return { environment: { DARKROOM_STATE_DIR: folder.path }, stateDir: folder.path, dispose: () => folder.remove() };
    },
  ],
  [
    'PostgreSQL',
    async () => {
      const [folder, server] = await Promise.all([temporaryFolder(), startPostgresServer()]);
      return {
        environment: { DARKROOM_STATE_DIR: folder.path, DATABASE_URL: server.url },
        stateDir: folder.path,
        dispose: async () => {
          await server.dispose();
          await folder.remove();
        },
      };
    },
  ],
];

describe.each(databases)('webhooks in %s', (_name, prepare) => {
  let place: Place;
  let service: RunningService;
  let connection: GrpcConnection;
  let client: GrpcClient<typeof WebhookServiceService>;
  let alice: string;
  let bob: string;

  async function start(extra: Record<string, string> = {}): Promise<void> {
    service = await startService({
      config: Config,
      module: AppModule,
      services: (resolve) => [serve(WebhookServiceService, resolve(WebhookHandlers))],
      environment: { LOG_LEVEL: 'silent', ADMIN_TOKEN, ...place.environment, ...extra },
    });
    connection = new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'control-plane', timeoutMs: 10_000 });
    client = connection.client(WebhookServiceService);
    const readyz = async () => (await fetch(`http://127.0.0.1:${service.httpPort}/readyz`)).status;
    await vi.waitFor(async () => expect(await readyz()).toBe(200), { timeout: 60_000, interval: 50 });
  }

  async function stop(): Promise<void> {
    connection.close();
    await service.stop();
  }

  const queries = <Result>(work: Parameters<Database['run']>[0]) => service.app.get(Database).run(work) as Promise<Result>;

  beforeAll(async () => {
    place = await prepare();
    await start();
    const tenants = service.app.get(TenantRepository);
    [alice, bob] = [(await tenants.ensure('alice')).id, (await tenants.ensure('bob')).id];
  });
  afterAll(async () => {
    await stop();
    await place.dispose();
  });

  const request = (differing: Partial<CreateWebhookRequest> = {}): CreateWebhookRequest => ({
    id: newWebhookId(),
    tenantId: alice,
    url: 'https://example.com/hook',
    events: ['generation.succeeded', 'generation.failed'],
    description: 'the shop',
    gatewayUrl: 'https://images.example.com',
    ...differing,
  });

  const enter = async (differing: Partial<CreateWebhookRequest> = {}) =>
    (await client.createWebhook(request(differing))).webhook?.id ?? '';

  it('are entered, found, changed and deleted', async () => {
    const { webhook, secret } = await client.createWebhook(request());
    expect(webhook).toMatchObject({
      tenantId: alice,
      url: 'https://example.com/hook',
      events: ['generation.succeeded', 'generation.failed'],
      description: 'the shop',
      gatewayUrl: 'https://images.example.com',
      enabled: true,
      disabledReason: '',
      previousSecretUntilMs: 0,
    });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const of = { tenantId: alice, id: webhook?.id ?? '' };
    expect((await client.getWebhook(of)).webhook).toEqual(webhook);
    const { webhook: changed } = await client.updateWebhook({
      ...of,
      url: 'https://example.com/other',
      events: [],
      enabled: false,
      disabledReason: 'it answered 410 Gone',
    });
    expect(changed).toEqual({
      ...webhook,
      url: 'https://example.com/other',
      enabled: false,
      disabledReason: 'it answered 410 Gone',
    });
    const again = await client.updateWebhook({ ...of, events: ['generation.failed'], enabled: true, disabledReason: '' });
    expect(again.webhook).toEqual({ ...changed, events: ['generation.failed'], enabled: true, disabledReason: '' });
    expect((await client.updateWebhook({ ...of, events: [], disabledReason: '' })).webhook).toEqual(again.webhook);
    await client.deleteWebhook(of);
    await expect(client.getWebhook(of)).rejects.toMatchObject({ code: 'not_found', param: 'id' });
    await expect(client.deleteWebhook(of)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are listed for operators without secrets, who can disable and enable them', async () => {
    const admin = async (method: string, path: string, body?: object) => {
      const response = await fetch(`http://127.0.0.1:${service.httpPort}/admin/v1/${path}`, {
        method,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      return {
        status: response.status,
        body: (await response.json()) as AdminWebhookBody & { data: AdminWebhookBody[]; error: object },
      };
    };
    const { webhook, secret } = await client.createWebhook(request({ tenantId: bob }));
    const { body } = await admin('GET', 'webhooks?tenant=bob');
    expect(body.data).toEqual([
      {
        id: webhook?.id,
        tenant: bob,
        url: 'https://example.com/hook',
        events: ['generation.succeeded', 'generation.failed'],
        description: 'the shop',
        enabled: true,
        disabled_reason: null,
        created_at: new Date(webhook?.createdAtMs ?? 0).toISOString(),
        previous_secret_until: null,
      },
    ]);
    expect(JSON.stringify(body)).not.toContain(secret.slice(6));
    expect((await admin('GET', 'webhooks')).body.data).toContainEqual(body.data[0]);
    const path = `webhooks/${webhook?.id}`;
    expect((await admin('PATCH', path, { enabled: false })).body).toMatchObject({
      enabled: false,
      disabled_reason: 'disabled by an operator',
    });
    expect((await client.getWebhook({ tenantId: bob, id: webhook?.id ?? '' })).webhook?.enabled).toBe(false);
    expect((await admin('PATCH', path, { enabled: true })).body).toMatchObject({ enabled: true, disabled_reason: null });
    expect((await admin('PATCH', path, { enabled: 'no' })).body.error).toMatchObject({ param: 'enabled' });
    expect((await admin('PATCH', 'webhooks/whk_none', { enabled: false })).status).toBe(404);
    await client.deleteWebhook({ tenantId: bob, id: webhook?.id ?? '' });
  });

  it('are owed the ends that they want, from the moment that these are journalled until their deliveries have ended', async () => {
    const journal = service.app.get(GenerationJournal);
    const accept = async (tenantId: string) => {
      const job = GenerationJob.fromPartial({ id: newGenerationId(), tenantId, keyId: 'key_a', model: 'pocket' });
      await journal.accept([{ job, bytes: Buffer.alloc(1), idempotencyKey: null, requestDigest: null }]);
      return job.id;
    };
    const endedAt = new Date(1_700_000_000_000);
    const advance = async (id: string, status: Standing['status']) => {
      const common = { errorCode: null, errorMessage: null, startedAt: endedAt, attempts: 1, worker: null };
      await journal.advance([{ id, status, ...common, endedAt: status === 'running' ? null : endedAt }]);
    };
    const first = { afterGenerationId: '', afterWebhookId: '', limit: 10 };
    const owed = async (after = first) => (await client.listOwedMessages(after)).messages;

    const [one, two, deaf] = [await enter(), await enter({ events: ['generation.failed'] }), await enter()];
    const others = await enter({ tenantId: bob });
    await client.updateWebhook({ tenantId: alice, id: deaf, events: [], enabled: false, disabledReason: '' });
    const [failed, made, cancelled] = [await accept(alice), await accept(alice), await accept(alice)];
    await advance(failed, 'running');
    expect(await owed()).toEqual([]);
    await advance(failed, 'failed');
    await advance(failed, 'failed');
    await advance(made, 'succeeded');
    await advance(cancelled, 'cancelled');
    const message = (generationId: string, webhookId: string) => {
      return { generationId, webhookId, tenantId: alice, endedAtMs: endedAt.getTime() };
    };
    const all = [message(failed, one), message(failed, two), message(made, one)];
    expect(await owed()).toEqual(all);
    expect(await owed({ ...first, limit: 2 })).toEqual(all.slice(0, 2));
    expect(await owed({ afterGenerationId: failed, afterWebhookId: one, limit: 10 })).toEqual(all.slice(1));

    await client.settleMessages({ messages: [message(failed, one), message(failed, one)] });
    await client.settleMessages({ messages: [] });
    expect(await owed()).toEqual(all.slice(1));
    await client.deleteWebhook({ tenantId: alice, id: two });
    expect(await owed()).toEqual(all.slice(2));
    for (const id of [one, deaf]) await client.deleteWebhook({ tenantId: alice, id });
    expect(await owed()).toEqual([]);
    await client.deleteWebhook({ tenantId: bob, id: others });
  });

  it('are their tenants’ alone', async () => {
    const { webhook } = await client.createWebhook(request());
    const wrong = { tenantId: bob, id: webhook?.id ?? '' };
    const calls = [
      () => client.getWebhook(wrong),
      () => client.updateWebhook({ ...wrong, events: [], enabled: false, disabledReason: '' }),
      () => client.deleteWebhook(wrong),
      () => client.rotateWebhookSecret(wrong),
      () => client.getSigningSecrets(wrong),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'not_found' });
    expect((await client.listWebhooks({ tenantId: bob })).webhooks).toEqual([]);
    expect((await client.listWebhooks({ tenantId: alice })).webhooks).toContainEqual(webhook);
    await expect(client.createWebhook(request({ tenantId: 'ten_nobody' }))).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('entered twice with one id are one, with one secret', async () => {
    const twice = request();
    const [first, second] = await Promise.all([client.createWebhook(twice), client.createWebhook(twice)]);
    expect(second).toEqual(first);
    await expect(client.createWebhook({ ...twice, tenantId: bob })).rejects.toThrow();
  });

  it('are at most 20 a tenant, also when many come at once', async () => {
    const tenantId = (await service.app.get(TenantRepository).ensure('many')).id;
    const all = await Promise.allSettled(Array.from({ length: 24 }, () => client.createWebhook(request({ tenantId }))));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
    const refused = all.filter((one) => one.status === 'rejected').map(({ reason }) => reason);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'conflict', message: expect.stringContaining('20') });
    expect((await client.listWebhooks({ tenantId })).webhooks).toHaveLength(20);
  });

  it('sign with the secret before a rotation as well, for a day', async () => {
    const { webhook, secret } = await client.createWebhook(request());
    const of = { tenantId: alice, id: webhook?.id ?? '' };
    expect((await client.getSigningSecrets(of)).secrets).toEqual([secret]);
    const rotated = await client.rotateWebhookSecret(of);
    expect(rotated.secret).not.toBe(secret);
    const day = 24 * 60 * 60 * 1000;
    expect(Math.abs((rotated.webhook?.previousSecretUntilMs ?? 0) - Date.now() - day)).toBeLessThan(60_000);
    expect((await client.getSigningSecrets(of)).secrets).toEqual([rotated.secret, secret]);
    await queries((database) =>
      database.update(webhooks).set({ previousSecretUntil: sql`now() - interval '1 second'` }).where(eq(webhooks.id, of.id)),
    );
    expect(await client.getSigningSecrets(of)).toMatchObject({
      webhook: { previousSecretUntilMs: 0 },
      secrets: [rotated.secret],
    });
  });

  it('have secrets that the database alone does not give away, each bound to its row', async () => {
    const [one, other] = await Promise.all([client.createWebhook(request()), client.createWebhook(request())]);
    const rows = await queries<{ id: string; sealedSecret: string }[]>((database) => database.select().from(webhooks));
    const text = JSON.stringify(rows);
    expect(text).not.toContain(one.secret.slice('whsec_'.length));
    const sealed = rows.find(({ id }) => id === one.webhook?.id)?.sealedSecret ?? '';
    const id = other.webhook?.id ?? '';
    await queries((database) => database.update(webhooks).set({ sealedSecret: sealed }).where(eq(webhooks.id, id)));
    await expect(client.getSigningSecrets({ tenantId: alice, id })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('can be signed for after a restart, and not with another key', async () => {
    const { webhook, secret } = await client.createWebhook(request({ tenantId: bob }));
    const of = { tenantId: bob, id: webhook?.id ?? '' };
    expect((await stat(join(place.stateDir, 'webhook-secrets-key'))).mode & 0o077).toBe(0);
    await stop();
    await start({ WEBHOOK_SECRETS_KEY: Buffer.alloc(32, 1).toString('base64') });
    await expect(client.getSigningSecrets(of)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('WEBHOOK_SECRETS_KEY'),
    });
    await stop();
    await start();
    expect((await client.getSigningSecrets(of)).secrets).toEqual([secret]);
  });
});

describe('the key for secrets', () => {
  it.each(['too short', Buffer.alloc(31).toString('base64'), '!'.repeat(44)])('can not be %j', (key) => {
    const environment = { ADMIN_TOKEN: 'spec-admin-token-0123456789', WEBHOOK_SECRETS_KEY: key };
    expect(() => Config.read(environment)).toThrow(/WEBHOOK_SECRETS_KEY is wrong: expected/);
  });
});
