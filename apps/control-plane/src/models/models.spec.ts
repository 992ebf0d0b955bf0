/** Models and their canaries, with real queues whose jobs real workers end. */
import {
  DarkroomError,
  encodeGenerationJob,
  encodeGenerationResult,
  type FileCheck,
  GenerationJob,
  GenerationResult,
  newGenerationId,
  RoutingServiceService,
  toQueue,
  WorkerReport,
} from '@darkroom/contracts';
import { type GrpcClient, GrpcConnection, Log, type RunningService, serve, startService } from '@darkroom/service-kit';
import {
  connectRedis,
  openGenerationQueue,
  openGenerationWorker,
  publishWorkerReport,
  readWarm,
} from '@darkroom/service-kit/queue';
import { type RedisServer, startRedisServer, stateFolder, type TemporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppModule } from '../app.module.js';
import { Config } from '../config.js';
import { ADMIN_TOKEN, Client, readiness } from '../control-plane.fixture.js';
import { CanaryWatch } from './canary-watch.js';
import { RoutingHandlers } from './routing.handlers.js';

const log = Log.create('spec', 'silent');
let folder: TemporaryFolder;
let server: RedisServer;
let service: RunningService;
let client: Client;
let connection: GrpcConnection;
let routing: GrpcClient<typeof RoutingServiceService>;
let redis: ReturnType<typeof connectRedis>;

beforeAll(async () => {
  [folder, server] = await Promise.all([stateFolder(), startRedisServer()]);
  redis = connectRedis(server.url, log);
  service = await startService({
    config: Config,
    module: AppModule,
    services: (resolve) => [serve(RoutingServiceService, resolve(RoutingHandlers))],
    environment: { LOG_LEVEL: 'silent', ADMIN_TOKEN, DARKROOM_STATE_DIR: folder.path, REDIS_URL: server.url },
  });
  client = new Client(service);
  connection = new GrpcConnection({ address: `127.0.0.1:${service.grpcPort}`, name: 'control-plane', timeoutMs: 10_000 });
  routing = connection.client(RoutingServiceService);
  await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 30_000, interval: 50 });
});
afterAll(async () => {
  client.connection.close();
  connection.close();
  await service.stop();
  redis.disconnect();
  await server.dispose();
  await folder.remove();
});

const facts = (name: string) => ({ name, digest: `sha256:${name}`, defaultSteps: 20 });
const sync = (names: readonly string[], configuredCanaries: { model: string; revision: string; percent: number }[] = []) =>
  routing.sync({ models: names.map(facts), configuredCanaries });
const modelOf = async (name: string) =>
  (await client.admin('GET', 'models')).body.data.find((one: { name: string }) => one.name === name);
const actions = async () =>
  (await client.admin('GET', 'audit?kind=operator')).body.data.map((entry: { operator: object }) => entry.operator);

/** Ends so many jobs of a model's queue, some of them by errors, with a worker of its own. */
async function finish(model: string, count: number, errors: readonly DarkroomError[]): Promise<void> {
  const queue = openGenerationQueue(model, server.url, log);
  await vi.waitFor(() => queue.count(), { timeout: 20_000 });
  const jobs = Array.from({ length: count }, () => GenerationJob.fromPartial({ id: newGenerationId(), model }));
  await queue.addBulk(
    jobs.map((job) => ({ name: 'generation' as const, data: encodeGenerationJob(job), opts: { jobId: job.id } })),
  );
  const order = new Map(jobs.map(({ id }, index) => [id, index]));
  const worker = openGenerationWorker(
    model,
    server.url,
    log,
    async ({ id = '' }) => {
      const error = errors[order.get(id) ?? -1];
      if (error !== undefined) throw new Error(toQueue(error));
      return encodeGenerationResult(GenerationResult.fromPartial({ id }));
    },
    { concurrency: 20 },
  );
  const left = async () => await queue.getJobCountByTypes('waiting', 'active', 'prioritized');
  await expect.poll(left, { timeout: 20_000, interval: 20 }).toBe(0);
  await worker.close();
  await queue.close();
}
const errorsOf = (code: ConstructorParameters<typeof DarkroomError>[0]['code'], count: number) =>
  Array.from({ length: count }, () => new DarkroomError({ code, message: 'as this spec wants it' }));

describe('models', () => {
  it('are those that gateways and workers tell of, with how they stand', async () => {
    await sync(['a', 'b']);
    const identity = { host: 'h', startedAtMs: 1, modelDigest: 'sha256:a', provider: 'cpu', runtimeVersion: '1' };
    await publishWorkerReport(redis, 'a', WorkerReport.fromPartial({ workerId: 'w1', identity }));
    await publishWorkerReport(redis, 'only-a-worker', WorkerReport.fromPartial({ workerId: 'w2', identity }));
    const { body } = await client.admin('GET', 'models');
    expect(body.data).toMatchObject([
      {
        name: 'a',
        state: 'serving',
        digest: 'sha256:a',
        default_steps: 20,
        workers: 1,
        worker_digests: [{ digest: 'sha256:a', workers: 1 }],
      },
      { name: 'b', state: 'no_workers', workers: 0, worker_digests: [], canary: null },
      { name: 'only-a-worker', state: 'serving', digest: null, workers: 1 },
    ]);
  });

  it('that are retired take no requests, until they are restored', async () => {
    await sync(['c']);
    expect((await client.admin('POST', 'models/c/retire')).body).toMatchObject({ state: 'retired', retired_by: 'admin token' });
    expect((await sync(['c'])).retiredModels).toEqual(['c']);
    expect((await client.admin('POST', 'models/c/restore')).body).toMatchObject({ state: 'no_workers', retired_at: null });
    expect((await sync(['c'])).retiredModels).toEqual([]);
    expect((await client.admin('POST', 'models/unknown/retire')).status).toBe(404);
  });
});

describe('a model that is registered', () => {
  const digest = (digit: number) => `sha256:${String(digit).repeat(64)}`;
  const register = (model: string, body: object) => client.admin('PUT', `models/${model}/registration`, body);
  const tell = (workerId: string, modelDigest: string) =>
    publishWorkerReport(redis, 'r', WorkerReport.fromPartial({ workerId, identity: { modelDigest } }));
  const syncWith = (own: string) =>
    routing.sync({ models: [{ name: 'r', digest: own, defaultSteps: 20 }], configuredCanaries: [] });
  const standing = async () => (await modelOf('r')).registration.standing;

  it('is listed before anybody has it, and then with who has it, and who has another', async () => {
    const source = 's3://models/r';
    const { status, body } = await register('r', { digest: digest(1), source });
    expect(status).toBe(200);
    expect(body).toMatchObject({ name: 'r', state: 'registered', digest: null, workers: 0 });
    const by = { registered_by: 'admin token', required: false };
    expect(body.registration).toMatchObject({ digest: digest(1), source, standing: 'absent', ...by });
    await tell('w1', digest(1));
    expect(await standing()).toBe('present');
    await syncWith(digest(1));
    expect(await standing()).toBe('served');
    await tell('w2', digest(2));
    expect((await modelOf('r')).registration).toMatchObject({ standing: 'wrong', workers: 1, wrong_workers: 1 });
    expect((await actions())[0]).toMatchObject({ action: 'model.register', subject: 'r', outcome: 'done' });
  });

  it('keeps other revisions from requests once it is required, until it is taken back', async () => {
    expect((await syncWith(digest(1))).requiredDigests).toEqual([]);
    await register('r', { digest: digest(3), source: 'file:///models/r', required: true });
    expect((await syncWith(digest(1))).requiredDigests).toEqual([{ model: 'r', digest: digest(3) }]);
    expect(await standing()).toBe('wrong');
    expect((await client.admin('DELETE', 'models/r/registration')).status).toBe(204);
    expect((await syncWith(digest(1))).requiredDigests).toEqual([]);
    expect((await modelOf('r')).registration).toBeNull();
    expect((await client.admin('DELETE', 'models/r/registration')).status).toBe(404);
  });

  const good = { digest: digest(1), source: 's3://models/x' };
  it.each([
    ['x', 'digest', { ...good, digest: 'sha256:1' }],
    ['x', 'source', { ...good, source: 'ftp://models/x' }],
    ['x', 'source', { ...good, source: 'https://user:secret@host/x' }],
    ['x', 'source', { ...good, source: 'https://host/x?token=secret' }],
    ['x', 'required', { ...good, required: 'yes' }],
    ['.x', 'model', good],
    ['x', 'digets', { ...good, digets: '' }],
  ])('is not, as %s, with a wrong %s', async (model, param, body) => {
    expect(await register(model, body)).toMatchObject({ status: 400, body: { error: { param } } });
    expect(await modelOf(model)).toBeUndefined();
  });
});

describe('a model that is to be warm', () => {
  it('is for a time, which stands with it beside how many workers are ready, until it is taken back', async () => {
    await sync(['w']);
    const body = { replicas: 2, minutes: 10 };
    expect((await client.admin('POST', 'models/w/warm', body)).body.warm).toMatchObject({
      replicas: 2,
      ready: 0,
      by: 'admin token',
    });
    await publishWorkerReport(redis, 'w', WorkerReport.fromPartial({ workerId: 'w1' }));
    await publishWorkerReport(redis, 'w', WorkerReport.fromPartial({ workerId: 'w2', drained: true }));
    expect((await modelOf('w')).warm).toMatchObject({ replicas: 2, ready: 1 });
    const { replicas, untilMs = 0 } = (await readWarm(redis, 'w')) ?? {};
    expect(replicas).toBe(2);
    expect(Math.abs(untilMs - Date.now() - 600_000)).toBeLessThan(60_000);
    expect((await actions())[0]).toMatchObject({ action: 'model.warm', subject: 'w', facts: expect.anything() });
    expect((await client.admin('DELETE', 'models/w/warm')).body.warm).toBeNull();
    expect(await readWarm(redis, 'w')).toBeUndefined();
    expect((await client.admin('DELETE', 'models/w/warm')).status).toBe(404);
  });

  it.each([
    ['replicas', { replicas: 0 }],
    ['replicas', { replicas: 101 }],
    ['minutes', { minutes: 1.5 }],
    ['minutes', { minutes: 1_441 }],
  ])('is not with a wrong %s: %j', async (param, body) => {
    await sync(['w']);
    expect(await client.admin('POST', 'models/w/warm', body)).toMatchObject({ status: 400, body: { error: { param } } });
    expect(await readWarm(redis, 'w')).toBeUndefined();
  });

  it('is one that is known', async () => {
    expect((await client.admin('POST', 'models/unknown/warm', {})).status).toBe(404);
    expect(await readWarm(redis, 'unknown')).toBeUndefined();
  });
});

describe('the files of a model', () => {
  const identity = { host: 'pod-1', startedAtMs: 1, modelDigest: 'sha256:v', provider: 'cpu', runtimeVersion: '1' };
  const tell = (workerId: string, fileCheck?: Partial<FileCheck>) =>
    publishWorkerReport(redis, 'v', WorkerReport.fromPartial({ workerId, identity, ...(fileCheck && { fileCheck }) }));
  const verification = async () => (await modelOf('v')).verification;

  it('are read again by every worker, and what they find is told of each', async () => {
    await sync(['v']);
    expect((await client.admin('POST', 'models/v/verify')).status).toBe(409);
    expect((await client.admin('POST', 'models/unknown/verify')).status).toBe(404);
    await Promise.all(['w1', 'w2', 'w3'].map((id) => tell(id)));
    const { status, body } = await client.admin('POST', 'models/v/verify');
    expect(status).toBe(202);
    expect(body).toMatchObject({ model: 'v', state: 'running', started_by: 'admin token', digest: 'sha256:v' });
    expect(body.workers.map(({ state }: { state: string }) => state)).toEqual(['waiting', 'waiting', 'waiting']);
    const { id } = body;
    expect((await tell('w1')).fileCheck).toBe(id);
    // One that starts meanwhile has just read what it loads.
    expect((await tell('w4')).fileCheck).toBeUndefined();

    await tell('w1', { id, bytesRead: 30, bytes: 120 });
    await tell('w2', { id, bytesRead: 120, bytes: 120, ended: true, digest: 'sha256:v', files: 3 });
    await tell('w3', { id: 'an earlier one', ended: true, digest: 'sha256:v', files: 3 });
    const states = async () =>
      new Map((await verification()).workers.map((worker: { id: string; state: string }) => [worker.id, worker.state]));
    expect(await verification()).toMatchObject({ id, state: 'running' });
    expect(Object.fromEntries(await states())).toEqual({ w1: 'reading', w2: 'same', w3: 'waiting' });

    const differences = [{ file: 'vae/x', expected: 'sha256:e', actual: '' }];
    await tell('w1', { id, ended: true, digest: 'sha256:v', files: 3, different: 1, differences });
    await tell('w3', { id, ended: true, digest: 'sha256:another', files: 3 });
    expect(await verification()).toMatchObject({ state: 'different' });
    expect(Object.fromEntries(await states())).toEqual({ w1: 'different', w2: 'same', w3: 'other_revision' });
    expect((await verification()).workers.find(({ id }: { id: string }) => id === 'w1')).toMatchObject({
      host: 'pod-1',
      different: 1,
      differences: [{ file: 'vae/x', expected: 'sha256:e', actual: null }],
    });
    expect((await actions())[0]).toMatchObject({ action: 'model.verify', subject: 'v', outcome: 'done' });
  });

  it('are not known of a worker that does not answer: the whole is not said to be well', async () => {
    await tell('w5');
    const { id } = (await client.admin('POST', 'models/v/verify')).body;
    for (const worker of ['w1', 'w2', 'w3', 'w4']) {
      await tell(worker, { id, ended: true, digest: 'sha256:v', files: 3 });
    }
    expect((await verification()).state).toBe('running');
    await redis.hincrby('darkroom:workers:v:file-check', 'at', -15_000);
    expect(await verification()).toMatchObject({ state: 'incomplete' });
    await tell('w5', { id, ended: true, problem: 'digests.json is gone' });
    expect((await verification()).workers.at(-1)).toMatchObject({ state: 'failed', problem: 'digests.json is gone' });
    expect((await verification()).state).toBe('incomplete');
    await tell('w5', { id, ended: true, digest: 'sha256:v', files: 3 });
    expect((await verification()).state).toBe('same');
  });
});

describe('a canary', () => {
  const put = (model: string, body: object) => client.admin('PUT', `models/${model}/canary`, body);

  it('is put, changed and ended while the platform runs', async () => {
    await sync(['m', 'm-2', 'm-3']);
    expect((await put('m', { revision: 'm-2', percent: 10 })).body).toMatchObject({
      state: 'active',
      percent: 10,
      changed_by: 'admin token',
    });
    expect((await sync([])).canaries).toEqual([{ model: 'm', revision: 'm-2', percent: 10 }]);
    expect((await modelOf('m-2')).canary_of).toBe('m');
    const { canary_defaults: defaults } = (await client.admin('GET', 'models')).body;
    expect((await modelOf('m')).canary).toMatchObject(defaults);
    const thresholds = { min_generations: 20, max_error_increase: 0.05, max_refusal_increase: 0, significance: 0.01 };
    expect((await put('m', { revision: 'm-3', percent: 50, ...thresholds })).body).toMatchObject(thresholds);
    expect((await sync([])).canaries).toEqual([{ model: 'm', revision: 'm-3', percent: 50 }]);
    expect((await client.admin('DELETE', 'models/m/canary')).body).toMatchObject({ state: 'retired', percent: 0 });
    expect((await sync([])).canaries).toEqual([]);
    expect((await client.admin('DELETE', 'models/m/canary')).status).toBe(404);
  });

  it('is refused where a request would take two turns, or to a place that is not there', async () => {
    await sync(['n', 'n-2', 'n-3']);
    await put('n', { revision: 'n-2', percent: 5 });
    for (const [model, body, status] of [
      ['n', { revision: 'n', percent: 1 }, 400],
      ['n-2', { revision: 'n-3', percent: 1 }, 400],
      ['n-3', { revision: 'n', percent: 1 }, 400],
      ['n', { revision: 'nowhere', percent: 1 }, 404],
      ['nowhere', { revision: 'n', percent: 1 }, 404],
      ['n', { revision: 'n-2', percent: 101 }, 400],
      ['n', { revision: 'n-2' }, 400],
      ['n', { revision: 'n-2', percent: 5, max_error_increase: null }, 400],
    ] as const) {
      expect(await put(model, body)).toMatchObject({ status, body: { error: { param: expect.any(String) } } });
    }
    expect((await sync([])).canaries).toEqual([{ model: 'n', revision: 'n-2', percent: 5 }]);
    await client.admin('DELETE', 'models/n/canary');
  });

  it("of a gateway's configuration is taken over once; what operators do counts from then on", async () => {
    const configured = [{ model: 'o', revision: 'o-2', percent: 25 }];
    expect((await sync(['o', 'o-2'], configured)).canaries).toEqual(configured);
    expect((await actions())[0]).toMatchObject({ name: 'MODEL_CANARIES', action: 'canary.put', subject: 'o' });
    await put('o', { revision: 'o-2', percent: 40 });
    expect((await sync([], configured)).canaries).toEqual([{ model: 'o', revision: 'o-2', percent: 40 }]);
    await client.admin('DELETE', 'models/o/canary');
    expect((await sync([], configured)).canaries).toEqual([]);
  });

  it('that is like its model stays; one that fails more is taken back, with the numbers, once', { timeout: 60_000 }, async () => {
    const watch = service.app.get(CanaryWatch);
    await sync(['p', 'p-2']);
    await put('p', { revision: 'p-2', percent: 20 });
    // Failures that are nobody's fault, or the client's, say nothing of a revision.
    await finish('p', 120, errorsOf('internal', 3));
    await finish('p-2', 80, [...errorsOf('internal', 2), ...errorsOf('cancelled', 15), ...errorsOf('unavailable', 10)]);
    await watch.look();
    expect((await modelOf('p')).canary).toMatchObject({
      state: 'active',
      percent: 20,
      comparison: { verdict: 'good', stable: { ended: 120, failed: 3 }, canary: { ended: 55, failed: 2, refused: 0 } },
    });

    await finish('p-2', 40, errorsOf('worker_lost', 14));
    await Promise.all([watch.look(), watch.look()]);
    const { canary } = await modelOf('p');
    expect(canary).toMatchObject({ state: 'rolled_back', percent: 0, changed_by: 'canary policy' });
    expect(canary.reason).toMatch(/^16\.8 % of the revision's generations failed \(16 of 95\), and 2\.5 % of the model's; p = /);
    expect((await sync([])).canaries).toEqual([]);
    const entries = (await actions()).filter(({ action }: { action: string }) => action === 'canary.roll_back');
    expect(entries).toMatchObject([{ name: 'canary policy', via: 'platform', subject: 'p', outcome: 'done' }]);
    const metrics = await (await fetch(`http://127.0.0.1:${service.httpPort}/metrics`)).text();
    expect(metrics).toMatch(/darkroom_canary_rollbacks_total\{.*model="p".*\} 1/);

    // Somebody tries it again: what was before is not held against it.
    await put('p', { revision: 'p-2', percent: 5 });
    await watch.look();
    expect((await modelOf('p')).canary).toMatchObject({ state: 'active', percent: 5, comparison: { verdict: 'too_few' } });
  });

  it('whose pictures are refused more often is taken back', { timeout: 60_000 }, async () => {
    await sync(['q', 'q-2']);
    await put('q', { revision: 'q-2', percent: 20 });
    await finish('q', 100, errorsOf('content_policy_violation', 1));
    await finish('q-2', 60, errorsOf('content_policy_violation', 12));
    await service.app.get(CanaryWatch).look();
    expect((await modelOf('q')).canary).toMatchObject({
      state: 'rolled_back',
      reason: expect.stringMatching(/^20\.0 % .* were refused/),
    });
  });
});
