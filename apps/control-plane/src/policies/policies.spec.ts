/** Tenants' policies, and decisions made again, in both kinds of database. */
import { createHash } from 'node:crypto';
import { PolicyServiceService } from '@darkroom/contracts';
import {
  defaultPolicy,
  offPolicy,
  type PolicyDocument,
  parsePolicyDocument,
  policyDigest,
  readPolicy,
} from '@darkroom/safety-policy';
import { GrpcConnection, type RunningService, serve, startService } from '@darkroom/service-kit';
import { startPostgresServer, stateFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../app.module.js';
import { decisionEntry, waiting } from '../audit/audit.fixture.js';
import { AuditLog } from '../audit/audit-log.js';
import { Config } from '../config.js';
import { ADMIN_TOKEN, Client, databases, readiness } from '../control-plane.fixture.js';
import { Database } from '../database/database.provider.js';
import { sql } from '../database/drizzle.js';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { PolicyHandlers } from './policy.handlers.js';
import { PolicyRepository } from './policy.repository.js';

/** The default, but for what it does about violence in finished images. */
function withViolence(version: string, violence: object): PolicyDocument {
  const { stages, ...rest } = defaultPolicy;
  return parsePolicyDocument({ ...rest, version, stages: { ...stages, output_image: { ...stages.output_image, violence } } });
}

describe.each(databases({ startPostgresServer, stateFolder }))('policies in %s', (_name, prepare) => {
  let dispose: () => Promise<void>;
  let service: RunningService;
  let client: Client;
  let connection: GrpcConnection;
  let log: AuditLog;
  let tenantId: string;
  beforeAll(async () => {
    const prepared = await prepare();
    dispose = prepared.dispose;
    service = await startService({
      config: Config,
      module: AppModule,
      services: (resolve) => [serve(PolicyServiceService, resolve(PolicyHandlers))],
      environment: { LOG_LEVEL: 'silent', ADMIN_TOKEN, ...prepared.environment },
    });
    client = new Client(service);
    connection = new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'policies', timeoutMs: 10_000 });
    await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 60_000, interval: 50 });
    log = service.app.get(AuditLog);
    tenantId = (await client.admin('POST', 'tenants', { name: 'films' })).body.id;
  });
  afterAll(async () => {
    connection.close();
    client.connection.close();
    await service.stop();
    await dispose();
  });

  const path = 'tenants/films/policies';
  const blurring = withViolence('films-1', { blur: 1 });
  const digest = policyDigest(blurring);
  const policyOfTenant = async () => (await service.app.get(TenantRepository).find('films'))?.policyDigest;

  it('are the default until there is another', async () => {
    expect((await client.admin('GET', path)).body).toEqual({ object: 'list', active: 'default', previous: 'default', data: [] });
    const { body } = await client.admin('GET', 'policies/default');
    expect(body).toEqual({ digest: policyDigest(defaultPolicy), document: defaultPolicy });
  });

  it('are entered once, found by their digests, and not in force by that', async () => {
    for (let time = 0; time < 2; time += 1) {
      expect((await client.admin('POST', path, { author: 'ann', document: blurring })).body).toEqual({ digest });
    }
    const { body } = await client.admin('GET', path);
    expect(body).toMatchObject({ active: 'default', data: [{ digest, version: 'films-1', author: 'ann' }] });
    expect((await client.admin('GET', `policies/${digest}`)).body.document).toEqual(blurring);
    const { documentJson } = await connection.client(PolicyServiceService).getPolicy({ digest });
    expect(readPolicy(documentJson, digest)).toEqual(blurring);
    await expect(connection.client(PolicyServiceService).getPolicy({ digest: 'sha256:0' })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await policyOfTenant()).toBeNull();
  });

  it('are refused when they would loosen what no policy may, naming the field', async () => {
    const { stages } = defaultPolicy;
    const loose = { ...defaultPolicy, stages: { ...stages, prompt: { ...stages.prompt, child_safety: { warn: 1 } } } };
    const answer = await client.admin('POST', path, { author: 'ann', document: loose });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ param: 'document', message: expect.stringContaining('child_safety') });
  });

  it('tell what they would have changed, by stage and category, with examples', async () => {
    const gory = { category: 'violence', score: 0.9, severity: 2, reason: 'violence.graphic' };
    const of = { tenantId, stage: 'output_image', scores: [gory] };
    const entries = [
      decisionEntry(of),
      decisionEntry({ ...of, level: 'low' }),
      decisionEntry({ ...of, stage: 'prompt' }),
      decisionEntry({ ...of, tenantId: 'ten_other' }),
      decisionEntry(of, Date.now() - 3 * 24 * 60 * 60 * 1000),
    ];
    await log.append(entries.map(waiting));
    const ids = entries.map(({ id }) => id);
    const { body } = await client.admin('GET', `${path}/${digest}/preview?days=2`);
    expect(body).toMatchObject({ decisions: 3, changed: 2, complete: true });
    const [change] = body.changes;
    expect(change).toMatchObject({ stage: 'output_image', category: 'violence', from: 'block', to: 'blur', count: 2 });
    expect(change.examples.toSorted()).toEqual(ids.slice(0, 2).toSorted());
    expect((await client.admin('GET', `${path}/${digest}/preview?days=4`)).body).toMatchObject({ decisions: 4, changed: 3 });
    expect((await client.admin('GET', `${path}/default/preview`)).body).toMatchObject({ changed: 0 });
  });

  it('are switched to and back from, which the log has', async () => {
    const activate = async (which: string) => (await client.admin('POST', `${path}/${which}/activate`, { author: 'ben' })).body;
    const rollBack = async () => (await client.admin('POST', `${path}/rollback`, { author: 'cat' })).body;
    expect(await activate(digest)).toMatchObject({ active: digest, previous: 'default' });
    expect(await policyOfTenant()).toBe(digest);
    expect(await activate(digest)).toMatchObject({ active: digest, previous: 'default' });
    expect(await rollBack()).toMatchObject({ active: 'default', previous: digest });
    expect(await rollBack()).toMatchObject({ active: digest, previous: 'default' });
    expect(await activate('default')).toMatchObject({ active: 'default' });
    const { body } = await client.admin('GET', `audit?kind=policy&tenant=${tenantId}`);
    const acts = body.data.map(({ policy }: { policy: { act: string; author: string } }) => `${policy.act} ${policy.author}`);
    expect(acts).toEqual(['activate ben', 'activate cat', 'activate cat', 'activate ben', 'create ann']);
    expect((await client.admin('GET', 'audit/verify')).body.intact).toBe(true);
  });

  it("are of a tenant's own alone, and for operators alone", async () => {
    await client.admin('POST', 'tenants', { name: 'others' });
    const answer = await client.admin('POST', `tenants/others/policies/${digest}/activate`, { author: 'ann' });
    expect([answer.status, answer.body.error.param]).toEqual([404, 'digest']);
    expect((await client.admin('GET', 'tenants/nobody/policies')).status).toBe(404);
    expect((await client.admin('GET', 'policies/sha256:0')).status).toBe(404);
    expect((await client.admin('GET', path, undefined, 'wrong')).status).toBe(401);
    expect((await client.admin('POST', `${path}/default/activate`, {})).status).toBe(400);
  });

  it('never change', async () => {
    const database = service.app.get(Database);
    const change = sql`update policies set document = '{}'`;
    await expect(database.run((queries) => queries.execute(change))).rejects.toThrow('never changed');
  });

  it('come to the same when decisions are made again by them', async () => {
    const gory = { category: 'violence', score: 0.9, severity: 2, reason: 'violence.graphic' };
    const decided = { action: 'block', category: 'violence', reason: 'violence.graphic', scores: [gory], stage: 'output_image' };
    const entries = [
      decisionEntry({ ...decided, policyDigest: policyDigest(defaultPolicy) }),
      decisionEntry({ ...decided, policyDigest: digest, action: 'blur' }),
      decisionEntry({
        ...decided,
        policyDigest: policyDigest(offPolicy(defaultPolicy)),
        action: 'allow',
        category: '',
        reason: '',
      }),
      decisionEntry({ ...decided, policyDigest: 'sha256:gone' }),
      // What nobody can have decided.
      decisionEntry({ ...decided, policyDigest: digest, action: 'allow' }),
    ];
    const { body: before } = await client.admin('GET', 'replay');
    await log.append(entries.map(waiting));
    const { body } = await client.admin('GET', 'replay');
    expect(body).toEqual({
      decisions: before.decisions + 5,
      same: before.same + 3,
      different: before.different + 1,
      unknown_policy: before.unknown_policy + 1,
      examples: [entries.at(-1)?.id],
    });
  });

  it('that came with an earlier version are kept, once decisions were made by them', async () => {
    const database = service.app.get(Database);
    const kept = async () =>
      (await database.run((queries) => queries.execute(sql`select digest from policies`))) as { rows: { digest: string }[] };
    const usual = policyDigest(defaultPolicy);
    expect((await kept()).rows.map((row) => row.digest)).toEqual([digest]);
    await database.run((queries) => service.app.get(PolicyRepository).remember(queries, [usual, 'sha256:gone', usual]));
    expect((await kept()).rows.map((row) => row.digest).toSorted()).toEqual([digest, usual].toSorted());
  });

  it('are given to moderators as they were entered, also under an earlier schema', async () => {
    const { exemptions: _, ...earlier } = defaultPolicy;
    const json = JSON.stringify({ ...earlier, version: 'earlier' });
    const its = `sha256:${createHash('sha256').update(json).digest('hex')}`;
    const database = service.app.get(Database);
    await database.run((queries) => queries.execute(sql`insert into policies (digest, document) values (${its}, ${json})`));
    const { documentJson } = await connection.client(PolicyServiceService).getPolicy({ digest: its });
    expect(readPolicy(documentJson, its)).toEqual({ ...defaultPolicy, version: 'earlier' });
  });
});
