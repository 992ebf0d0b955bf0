/** Policies of tenants, in force: a moderator with the classifiers that ship, and what stands in the control plane's place over real gRPC. */
import { createHash } from 'node:crypto';
import {
  AuditEntry,
  DarkroomError,
  ModerationContext,
  ModeratorServiceService,
  PolicyServiceService,
  type Verdict,
} from '@darkroom/contracts';
import { defaultPolicy, type PolicyDocument, parsePolicyDocument, policyDigest } from '@darkroom/safety-policy';
import { type GrpcConnection, GrpcServer, Log, Metrics, type RunningService, serve } from '@darkroom/service-kit';
import { WaitingEntries } from '@darkroom/service-kit/audit';
import { type RedisServer, startRedisServer, type TemporaryFolder, temporaryFolder } from '@darkroom/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { models, startModerator } from '../moderator.fixture.js';

const { stages } = defaultPolicy;
const policyWith = (version: string, prompt: object, more: object = {}) =>
  parsePolicyDocument({ ...defaultPolicy, version, stages: { ...stages, prompt: { ...stages.prompt, ...prompt } }, ...more });

const strict = policyWith('strict', { trademarks: { block: 1 } });
const loose = policyWith('loose', { violence: { blur: 2 } });
const allows = { sexual: {}, self_harm: {}, violence: {}, hate: {}, illicit: {}, deception: {}, trademarks: {} };
const lax = parsePolicyDocument({
  version: 'lax',
  stages: Object.fromEntries(
    ['prompt', 'input_image', 'output_image'].map((stage) => [stage, { ...allows, child_safety: { block: 1 } }]),
  ),
});
const exempting = policyWith(
  'exempting',
  {},
  {
    exemptions: [
      { category: 'trademarks', terms: ['Nike'], reason: 'our own brand' },
      { category: 'deception', terms: ['Donald Trump'], reason: 'his consent is on file' },
    ],
  },
);
const digest = policyDigest;

const log = Log.create('spec', 'silent');
const documents = new Map<string, string>();
const keep = (policy: PolicyDocument) => documents.set(digest(policy), JSON.stringify(policy));
const asked: string[] = [];
const controlPlane = () =>
  new GrpcServer({
    services: [
      serve(PolicyServiceService, {
        getPolicy: (request) => {
          asked.push(request.digest);
          const documentJson = documents.get(request.digest);
          if (documentJson !== undefined) return { documentJson };
          throw new DarkroomError({ code: 'not_found', message: 'there is no such policy', param: 'digest' });
        },
      }),
    ],
    log,
    metrics: new Metrics('spec'),
    isReady: async () => true,
  });

let redis: RedisServer;
let folder: TemporaryFolder;
let server: GrpcServer;
let port: number;
let place: Record<string, string>;
beforeAll(async () => {
  [redis, folder] = await Promise.all([startRedisServer(), temporaryFolder()]);
  for (const policy of [strict, loose, lax, exempting]) keep(policy);
  server = controlPlane();
  port = await server.listen('127.0.0.1', 0);
  place = {
    ...{ REDIS_URL: redis.url, DARKROOM_STATE_DIR: folder.path, AUDIT_KEY: Buffer.alloc(32, 7).toString('base64') },
    ...{ MODELS_DIR: models, CONTROL_PLANE_ADDRESS: `127.0.0.1:${port}` },
  };
});
afterAll(async () => {
  server.destroy();
  await redis.dispose();
  await folder.remove();
});

const judging = (connection: GrpcConnection) => async (prompt: string, policy: PolicyDocument | string) => {
  const context = ModerationContext.fromPartial({ policyDigest: typeof policy === 'string' ? policy : digest(policy) });
  const { verdict } = await connection.client(ModeratorServiceService).moderatePrompt({ prompt, level: '', context });
  return verdict as Verdict;
};

describe('a moderator that asks the control plane', () => {
  let service: RunningService;
  let connection: GrpcConnection;
  let judge: ReturnType<typeof judging>;
  let entries: WaitingEntries;
  beforeAll(async () => {
    ({ service, connection } = await startModerator(place));
    judge = judging(connection);
    entries = new WaitingEntries(redis.url, log);
    await vi.waitFor(async () => expect(await connection.missing()).toBeUndefined(), { timeout: 20_000 });
  });
  afterAll(async () => {
    entries.close();
    connection.close();
    await service.stop();
  });

  it('judges each tenant by its own policy, and says so in the verdict and in the audit log', async () => {
    const [gory, brand] = ['a zombie with entrails, film poster', 'a pair of nike shoes'];
    expect(await judge(gory, '')).toMatchObject({ action: 'block', policyDigest: digest(defaultPolicy) });
    expect(await judge(gory, loose)).toMatchObject({
      action: 'blur',
      allowed: true,
      category: 'violence',
      policyVersion: 'loose',
    });
    expect(await judge(brand, '')).toMatchObject({ action: 'warn', allowed: true });
    const verdict = await judge(brand, strict);
    expect(verdict).toMatchObject({ action: 'block', category: 'trademarks', policyDigest: digest(strict) });
    const entry = AuditEntry.decode((await entries.next(1_000, 1_000)).at(-1)?.bytes ?? Buffer.alloc(0));
    expect(entry).toMatchObject({ id: verdict.decisionId, decision: { policyVersion: 'strict', policyDigest: digest(strict) } });
  });

  it('asks for each once, since they never change', async () => {
    asked.length = 0;
    await judge('a red apple', exempting);
    await judge('a green apple', exempting);
    await judge('a red apple', digest(defaultPolicy));
    expect(asked).toEqual([digest(exempting)]);
  });

  it('judges pictures by it as well', async () => {
    const image = await sharp({ create: { width: 96, height: 64, channels: 3, background: '#2040c8' } })
      .png()
      .toBuffer();
    const context = ModerationContext.fromPartial({ policyDigest: digest(strict), stage: 'partial_image' });
    const { verdict } = await connection
      .client(ModeratorServiceService)
      .moderateImage({ image, level: '', context, blur: false });
    expect(verdict).toMatchObject({ action: 'allow', policyDigest: digest(strict) });
  });

  it('lets no policy allow what none may, and judges it on the whole prompt', async () => {
    expect(await judge('a massacre, gore and entrails', lax)).toMatchObject({ action: 'allow', policyVersion: 'lax' });
    for (const policy of [lax, exempting]) {
      expect(await judge('a naked child in nike shoes', policy)).toMatchObject({ action: 'block', category: 'child_safety' });
      expect(await judge('Donald Trump naked in nike shoes', policy)).toMatchObject({
        ...{ action: 'block', reason: 'sexual.real_person' },
      });
    }
  });

  it('takes exempt words out of what is judged, for their category alone, in every disguise', async () => {
    // The third is refused by the text classifier too.
    for (const prompt of [
      'fake nike sneakers',
      'fake N i k e sneakers',
      'the exact logo of nike on a cap',
      'fake n1ke sneakers',
    ]) {
      expect(await judge(prompt, ''), prompt).toMatchObject({ action: 'block', category: 'trademarks' });
      expect(await judge(prompt, exempting), prompt).toMatchObject({ action: 'allow' });
    }
    expect(await judge('fake nike gucci sneakers', exempting)).toMatchObject({ action: 'block', category: 'trademarks' });
    expect(await judge('Donald Trump in handcuffs being arrested', '')).toMatchObject({ category: 'deception' });
    expect(await judge('Donald Trump in handcuffs being arrested', exempting)).toMatchObject({ action: 'allow' });
    expect(await judge('Joe Biden in handcuffs being arrested', exempting)).toMatchObject({ category: 'deception' });
  });

  it('names a policy of an earlier schema by the digest that it was entered under', async () => {
    const { exemptions: _, ...earlier } = { ...strict, version: 'earlier' };
    const json = JSON.stringify(earlier);
    const its = `sha256:${createHash('sha256').update(json).digest('hex')}`;
    documents.set(its, json);
    expect(await judge('a pair of nike shoes', its)).toMatchObject({
      ...{ action: 'block', policyVersion: 'earlier', policyDigest: its },
    });
  });

  it('gives no verdict by a policy that it can not have, and the same one once it can', async () => {
    const other = policyWith('other', {});
    const refusal = { code: 'unavailable', message: expect.stringContaining(digest(other)), retryAfterSeconds: 2 };
    for (const documentJson of [undefined, JSON.stringify(strict), '{}', 'no JSON']) {
      if (documentJson !== undefined) documents.set(digest(other), documentJson);
      await expect(judge('a red apple', other)).rejects.toMatchObject(refusal);
    }
    keep(other);
    server.destroy();
    await expect(judge('a red apple', other)).rejects.toMatchObject({ code: 'unavailable' });
    // Those it has are still in force.
    expect(await judge('a pair of nike shoes', strict)).toMatchObject({ action: 'block' });
    server = controlPlane();
    await server.listen('127.0.0.1', port);
    await expect.poll(async () => (await judge('a red apple', other).catch(() => undefined))?.policyVersion).toBe('other');
  });

  it('reads no policy that its schema refuses, whatever its digest', async () => {
    const childish = { ...lax, stages: { ...lax.stages, prompt: { ...lax.stages.prompt, child_safety: {} } } };
    keep(childish);
    await expect(judge('a red apple', childish)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

it('a moderator that is not told where the control plane is says so, and gives no verdict by a policy of a tenant', async () => {
  const { service, connection } = await startModerator({ ...place, CONTROL_PLANE_ADDRESS: '' });
  await expect.poll(() => connection.missing()).toBeUndefined();
  expect(await (await fetch(`http://127.0.0.1:${service.httpPort}/readyz`)).json()).toMatchObject({
    ...{ ready: true, notes: { policies: expect.stringContaining('CONTROL_PLANE_ADDRESS') } },
  });
  const judge = judging(connection);
  await expect(judge('a red apple', strict)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await judge('a red apple', '')).toMatchObject({ action: 'allow' });
  connection.close();
  await service.stop();
});

it('a moderator that is off judges nobody by a policy of its own', async () => {
  const off = { MODERATION: 'off', MODERATION_OFF_ACKNOWLEDGED: 'red-team' };
  const { service, connection } = await startModerator({ ...place, ...off });
  await expect.poll(() => connection.missing()).toBeUndefined();
  const judge = judging(connection);
  expect(await judge('a pair of nike shoes', strict)).toMatchObject({
    ...{ action: 'allow', policyVersion: expect.stringMatching(/\+off$/) },
  });
  connection.close();
  await service.stop();
});
