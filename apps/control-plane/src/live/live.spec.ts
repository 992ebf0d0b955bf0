/** The overview and the events of two control planes of one database, with a real queue. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DarkroomError,
  encodeGenerationJob,
  encodeGenerationResult,
  GenerationJob,
  GenerationResult,
  newGenerationId,
  toQueue,
  WorkerReport,
} from '@darkroom/contracts';
import { Log, type RunningService, STOP_TIMEOUT_MS } from '@darkroom/service-kit';
import { connectRedis, openGenerationQueue, openGenerationWorker, publishWorkerReport } from '@darkroom/service-kit/queue';
import { type RedisServer, startPostgresServer, startRedisServer } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ADMIN_TOKEN, Client, readiness, startControlPlane } from '../control-plane.fixture.js';
import { GenerationChanges } from '../journal/generation-changes.js';
import { OpenSessions } from '../operators/open-sessions.js';
import { OperatorRepository } from '../operators/operator.repository.js';
import { Sessions } from '../operators/sessions.js';

const log = Log.create('spec', 'silent');
let database: Awaited<ReturnType<typeof startPostgresServer>>;
let server: RedisServer;
let service: RunningService;
let other: RunningService;
let client: Client;
let redis: ReturnType<typeof connectRedis>;

beforeAll(async () => {
  [database, server] = await Promise.all([startPostgresServer(), startRedisServer()]);
  redis = connectRedis(server.url, log);
  const environment = { DATABASE_URL: database.url, REDIS_URL: server.url, DEVICE_PRICE_PER_HOUR: '3.6' };
  [service, other] = await Promise.all([startControlPlane(environment), startControlPlane(environment)]);
  client = new Client(service);
  for (const one of [service, other])
    await vi.waitFor(async () => expect(await readiness(one)).toBe(200), { timeout: 30_000, interval: 50 });
});
afterAll(async () => {
  client.connection.close();
  await Promise.all([service.stop(), other.stop()]);
  redis.disconnect();
  await server.dispose();
  await database.dispose();
});

/** Connects to a control plane's events, and returns those that have come. */
function listen({ httpPort }: RunningService, { lastEventId, session }: { lastEventId?: string; session?: string } = {}) {
  const gone = new AbortController();
  const events: { id: string | undefined; event: string; data: Record<string, unknown> }[] = [];
  const ended = (async () => {
    const response = await fetch(`http://127.0.0.1:${httpPort}/admin/v1/live`, {
      headers: {
        ...(session === undefined ? { authorization: `Bearer ${ADMIN_TOKEN}` } : { cookie: `darkroom_session=${session}` }),
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      },
      signal: gone.signal,
    });
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
        const event = field('event');
        if (event !== undefined) events.push({ id: field('id'), event, data: JSON.parse(field('data') ?? '{}') });
      }
    }
  })().catch(() => undefined);
  return { events, ended, stop: () => gone.abort(), of: (event: string) => events.filter((one) => one.event === event) };
}
type Listening = ReturnType<typeof listen>;
const change = (id: string) => ({ id, tenantId: 'ten_a', model: 'pocket', status: 'failed' as const, errorCode: 'worker_lost' });
const tell = (at: RunningService, ...ids: string[]) => at.app.get(GenerationChanges).tell(ids.map(change));

describe('the overview', () => {
  it('adds up what queues, workers and finished generations tell', { timeout: 30_000 }, async () => {
    const queue = openGenerationQueue('pocket', server.url, log);
    await vi.waitFor(() => queue.count(), { timeout: 20_000 });
    const jobs = Array.from({ length: 5 }, () =>
      GenerationJob.fromPartial({
        id: newGenerationId(),
        model: 'pocket',
        width: 256,
        height: 256,
        steps: 10,
        guidanceScale: 1,
        imageCount: 1,
      }),
    );
    const add = (job: GenerationJob) => queue.add('generation', encodeGenerationJob(job), { jobId: job.id });
    await Promise.all(jobs.map(add));
    const worker = openGenerationWorker('pocket', server.url, log, async ({ id = '' }) => {
      const index = jobs.findIndex((job) => job.id === id);
      if (index === 4) throw new Error(toQueue(new DarkroomError({ code: 'worker_lost', message: 'lost' })));
      const timings = [{ stage: 'denoise', totalMs: 100 * (index + 1), kernelMs: 1 }];
      const result = { id, images: [{ index: 0 }, { index: 1 }], receipt: { timings } };
      return encodeGenerationResult(GenerationResult.fromPartial(result));
    });
    await expect.poll(() => queue.getJobCountByTypes('waiting', 'active')).toBe(0);
    await worker.close();
    // A pass of one row takes 100 ms, so that each of these takes a second of a device.
    const passTimes = [{ pixels: 65_536, rows: 1, ms: 100 }];
    const report = { workerId: 'w', concurrency: 1, running: 1, passTimes, pace: 1, batchOccupancy: 0.5 };
    await publishWorkerReport(redis, 'pocket', WorkerReport.fromPartial(report));
    for (let i = 0; i < 3; i += 1) await add(GenerationJob.fromPartial({ ...jobs[0], id: newGenerationId() }));

    await expect
      .poll(async () => (await client.admin('GET', 'overview')).body.models.data?.[0]?.queued, { timeout: 20_000 })
      .toBe(3);
    const { body } = await client.admin('GET', 'overview');
    expect(body).toMatchObject({
      window_minutes: 5,
      device_price_per_hour: 3.6,
      refusals: { data: [], problem: null },
      usage: { data: { generations: 0, kernel_seconds: 0, cost: 0 }, problem: null },
    });
    expect(body.models.data).toMatchObject([
      {
        model: 'pocket',
        workers: 1,
        running: 1,
        batch_occupancy: 0.5,
        images_per_minute: 8 / 5,
        succeeded: 4,
        errors: [{ code: 'worker_lost', count: 1 }],
        stages: [{ stage: 'denoise', p50_ms: 200, p95_ms: 400 }],
      },
    ]);
    const [{ queue_seconds, wait_seconds }] = body.models.data;
    expect(queue_seconds).toBeCloseTo(3, 6);
    expect(wait_seconds).toBeCloseTo(3, 6);
    await queue.close();
  });

  it('says which source is away, and tells what the others know', { timeout: 30_000 }, async () => {
    await server.kill();
    await expect
      .poll(async () => (await client.admin('GET', 'overview')).body.models.problem, { timeout: 20_000 })
      .toMatch(/queue|Redis/);
    const { body } = await client.admin('GET', 'overview');
    expect(body.models.data).toBeNull();
    expect(body.usage).toMatchObject({ data: { generations: 0 }, problem: null });
    await server.start();
    await expect.poll(async () => (await client.admin('GET', 'overview')).body.models.problem).toBeNull();
  });
});

describe('live events', () => {
  it('tell of changes at whichever control plane, once, and go on where a connection was lost', { timeout: 30_000 }, async () => {
    const first = listen(service);
    await expect.poll(() => first.of('overview').length).toBe(1);
    const heard = (id: string) => first.of('generation').filter(({ data }) => data['id'] === id);
    // Redis was away a moment ago: the other one shares its changes once it has found it again.
    const warmUp = () => {
      tell(other, 'gen_0');
      return heard('gen_0').length;
    };
    await expect.poll(warmUp).toBeGreaterThan(0);
    tell(other, 'gen_1');
    await expect.poll(() => heard('gen_1').length).toBe(1);
    const [{ id: place = '', data } = { data: {} }] = heard('gen_1');
    expect(data).toMatchObject({ id: 'gen_1', tenant: 'ten_a', status: 'failed', error_code: 'worker_lost' });
    first.stop();

    tell(service, 'gen_2', 'gen_3');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = listen(other, { lastEventId: place });
    await expect
      .poll(() => second.of('generation').map(({ data }) => data['id']), { timeout: 20_000 })
      .toEqual(['gen_2', 'gen_3']);
    tell(service, 'gen_4');
    await expect.poll(() => second.of('generation').length).toBe(3);
    expect(second.of('reset')).toEqual([]);
    second.stop();
  });

  it('say so when they can not go on', async () => {
    const lost = listen(service, { lastEventId: '1-1' });
    await expect.poll(() => lost.events[0]?.event).toBe('reset');
    lost.stop();
  });

  it('need an operator', async () => {
    expect((await fetch(`http://127.0.0.1:${service.httpPort}/admin/v1/live`)).status).toBe(401);
  });

  it('end with their session: at once where it ended, and at the next look elsewhere', { timeout: 30_000 }, async () => {
    const operators = service.app.get(OperatorRepository);
    const operator = await operators.create('live', 'viewer', 'no password');
    const sessions = service.app.get(Sessions);
    const begin = () => sessions.begin({ name: 'live', role: 'viewer', via: 'password', operatorId: operator?.id ?? null });
    const signedOut = await begin();
    const streams = [signedOut, await begin()].map((session) => [service, other].map((at) => listen(at, { session })));
    const [[here, there], [stays, elsewhere]] = streams as [[Listening, Listening], [Listening, Listening]];
    for (const stream of streams.flat()) await expect.poll(() => stream.events.length).toBeGreaterThan(0);

    await sessions.end(signedOut);
    await here.ended;
    await other.app.get(OpenSessions).look();
    await there.ended;
    expect(await Promise.race([stays.ended, elsewhere.ended, 'open'])).toBe('open');

    await operators.change(operator?.id ?? '', { disabledAt: new Date() });
    await stays.ended;
    await other.app.get(OpenSessions).look();
    await elsewhere.ended;
  });

  it('end when the control plane drains, which is over before it would be ended by force while Redis does not answer', {
    timeout: 40_000,
  }, async () => {
    const open = listen(other);
    await expect.poll(() => open.events.length).toBeGreaterThan(0);
    server.freeze();
    const stopped = other.stop().then(() => 'stopped');
    expect(await Promise.race([stopped, sleep(STOP_TIMEOUT_MS, 'ended by force', { ref: false })])).toBe('stopped');
    await open.ended;
    server.thaw();
  });
});
