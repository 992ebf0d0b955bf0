import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { audit, Client, drawRounds, faults, observe, type Tenant, Testimony } from '@darkroom/bench/gateway-kills';
import { ControlPlaneClient, type LocalConfig } from '@darkroom/local';
import { type RedisServer, startPostgresServer, startRedisServer } from '@darkroom/testing';
import { seededRandom } from '@darkroom/testing/red-team';
import type { Version } from '../version.js';
import { planRollouts, roll } from './rollouts.js';
import { TwoVersions } from './two-versions.js';

const ADMIN_TOKEN = 'upgrade-check-admin-token';
const TENANT = 'upgrade-check';
const MODELS = ['pocket', 'pocket-turbo'];
/** From one request to the next. */
const PACE_MS = 400;
const MOST_REQUESTS = 5_000;
/** What is wrong for one reason is wrong many times. */
const MOST_EXAMPLES = 10;

/** What a check needs. */
export interface CheckOptions {
  readonly config: LocalConfig;
  readonly older: Version;
  readonly newer: Version;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** A number that a check found, and whether it is one that may not be. */
export interface CheckFigure {
  readonly name: string;
  readonly value: number;
  readonly isWrong: boolean;
}

/** Has two versions take each other's place under load, and compares all that clients were told with what there is. */
export async function check(options: CheckOptions): Promise<CheckFigure[]> {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'darkroom-upgrade-'));
  const [redis, database] = await Promise.all([startRedisServer(), startPostgresServer()]);
  try {
    return await withStores(options, stateDir, redis, database.url);
  } finally {
    await Promise.all([redis.dispose(), database.dispose()]);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function withStores(
  { config, older, newer, seed, signal, say }: CheckOptions,
  stateDir: string,
  redis: RedisServer,
  databaseUrl: string,
): Promise<CheckFigure[]> {
  const environment = { ...config.environment, DATABASE_URL: databaseUrl };
  const services = await TwoVersions.open({
    config: { ...config, stateDir, environment },
    models: MODELS,
    redisUrl: redis.url,
    adminToken: ADMIN_TOKEN,
  });
  try {
    const [first, ...later] = planRollouts(older, newer, MODELS);
    if (first === undefined) throw new Error('there is nothing to roll out');
    await Promise.all(first.order.map((name) => services.start(name, older)));
    const tenant = await newTenant(services);
    const testimony = new Testimony();
    const load = new Load(new Client(tenant.platform.gatewayUrl, tenant.secret, testimony, signal), seed);
    const startedAt = performance.now();
    for (const rollout of [first, ...later]) {
      const before = testimony.generations.size;
      await roll(services, rollout, signal);
      say(`${rollout.what}: ${testimony.generations.size - before} generations were begun meanwhile`);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    await load.end();
    const observed = await observe(tenant, testimony);
    const violations = audit(testimony, observed);
    for (const alike of Map.groupBy(violations, ({ fault }) => fault).values())
      for (const { fault, subject, why } of alike.slice(0, MOST_EXAMPLES)) say(`${fault}: ${subject}: ${why}`);
    for (const death of services.deaths) say(death);
    const log = await new ControlPlaneClient(services.url('control-plane'), ADMIN_TOKEN).verifyAudit();
    const told = (name: string, value: number) => ({ name, value, isWrong: false });
    const wrong = (name: string, value: number) => ({ name, value, isWrong: value > 0 });
    return [
      told(
        'services replaced',
        [first, ...later].reduce((sum, { order }) => sum + order.length, 0),
      ),
      told('seconds', Math.round(seconds)),
      told('requests', load.requests),
      told('generations', observed.generations.size),
      told('attempts made again under their key', testimony.repeated),
      told('attempts without a key that got no answer, most of them hung up', testimony.unanswered),
      told('streams of events that went on where they were lost', testimony.resumed),
      told('entries of the audit log', log.entries),
      ...faults.map((fault) => wrong(fault, violations.filter((violation) => violation.fault === fault).length)),
      wrong('services that ended by themselves', services.deaths.length),
      wrong('problems of the audit log', log.problems.length),
    ];
  } finally {
    await services.close();
  }
}

/** Makes a tenant whose limits are counted, and never reached. */
async function newTenant(services: TwoVersions): Promise<Tenant> {
  const [gatewayUrl, controlPlaneUrl] = [services.url('gateway'), services.url('control-plane')];
  const controlPlane = new ControlPlaneClient(controlPlaneUrl, ADMIN_TOKEN);
  await controlPlane.ensureTenant(TENANT);
  const { id } = await controlPlane.changeTenant(TENANT, { concurrent_generations: 10_000, compute_units_per_month: 1e15 });
  const { secret } = await controlPlane.createKey({ name: TENANT, tenant: TENANT });
  return { id, secret, platform: { gatewayUrl, controlPlaneUrl, adminToken: ADMIN_TOKEN, apiKey: secret, own: true } };
}

/** Random requests of all kinds, one after another, each of which is followed to its end. */
class Load {
  requests = 0;
  private isEnding = false;
  private readonly all: Promise<void>[] = [];
  private readonly sending: Promise<void>;

  constructor(client: Client, seed: number) {
    this.sending = this.send(client, seed);
  }

  /** Sends no more, and waits until every client knows what became of its request. */
  async end(): Promise<void> {
    this.isEnding = true;
    await this.sending;
    await Promise.all(this.all);
  }

  private async send(client: Client, seed: number): Promise<void> {
    for (const { requests } of drawRounds(seededRandom(seed), MOST_REQUESTS, MOST_REQUESTS)) {
      if (this.isEnding) return;
      for (const request of requests) {
        this.requests += 1;
        const run = client.run(request);
        // One that fails is heard of in the end.
        run.catch(() => undefined);
        this.all.push(run);
      }
      await sleep(PACE_MS);
    }
  }
}
