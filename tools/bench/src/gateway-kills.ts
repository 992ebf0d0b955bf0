import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlPlaneClient, freePorts, type UsablePlatform, usePlatform } from '@darkroom/local';
import type { BenchContext, Benchmark } from './benchmark.js';
import { atMost, type Figure, plain } from './figures.js';
import { audit } from './gateway-kills/audit.js';
import { Client } from './gateway-kills/client.js';
import { type Observation, observe, type Tenant } from './gateway-kills/observation.js';
import { drawRounds } from './gateway-kills/plan.js';
import { faults, Testimony } from './gateway-kills/testimony.js';
import { seededRandom } from './random.js';
import { ServiceKiller } from './service-killer.js';

const REQUESTS = 200;
const KILLS = 25;

/** Makes a tenant whose limits are counted, and never reached. */
async function newTenant(platform: UsablePlatform): Promise<Tenant> {
  const controlPlane = new ControlPlaneClient(platform.controlPlaneUrl, platform.adminToken);
  const name = 'gateway-kills';
  await controlPlane.ensureTenant(name);
  const { id } = await controlPlane.changeTenant(name, { concurrent_generations: 10_000, compute_units_per_month: 1e15 });
  const { secret } = await controlPlane.createKey({ name, tenant: name });
  return { id, secret, platform };
}

/** Sends all requests, and kills the gateway among them, as often as there are rounds. */
async function begin(context: BenchContext, tenant: Tenant, killer: ServiceKiller, testimony: Testimony): Promise<void> {
  const { requests = REQUESTS, kills = KILLS, seed = 1 } = context.numbers;
  const client = new Client(tenant.platform.gatewayUrl, tenant.secret, testimony, context.signal);
  const all: Promise<void>[] = [];
  for (const [index, round] of drawRounds(seededRandom(seed), requests, kills).entries()) {
    await killer.next(round.from);
    await sleep(round.pauseMs, undefined, { signal: context.signal });
    const sent = round.requests.map((planned) => sleep(planned.atMs).then(() => client.run(planned)));
    // One that fails is heard of in the end.
    for (const one of sent) one.catch(() => undefined);
    all.push(...sent);
    await sleep(round.killAtMs, undefined, { signal: context.signal });
    killer.kill();
    context.say(`${all.length}/${requests} requests, gateway killed ${index + 1}/${kills} times`);
  }
  await killer.next('ready');
  await Promise.all(all);
}

/** Counts how generations ended. */
function outcomes({ generations }: Observation): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { body } of generations.values()) {
    const end = body?.error?.code ?? body?.status ?? 'unreadable';
    counts.set(end, (counts.get(end) ?? 0) + 1);
  }
  return counts;
}

async function killOn(context: BenchContext, platform: UsablePlatform, stateDir: string): Promise<Figure[]> {
  const startedAt = performance.now();
  const killer = new ServiceKiller(stateDir, 'gateway', context.signal);
  const testimony = new Testimony();
  const tenant = await newTenant(platform);
  await begin(context, tenant, killer, testimony);
  const seconds = (performance.now() - startedAt) / 1000;
  const observed = await observe(tenant, testimony);
  const violations = audit(testimony, observed);
  for (const { fault, subject, why } of violations) context.say(`${fault}: ${subject}: ${why}`);
  return [
    plain('requests', context.numbers.requests ?? REQUESTS, ''),
    plain('gateways killed', killer.kills, ''),
    plain('time', seconds, 's'),
    plain('attempts made again under their key', testimony.repeated, ''),
    plain('attempts without a key that were not answered', testimony.unanswered, ''),
    plain('streams of events that went on where they were lost', testimony.resumed, ''),
    plain('generations', observed.generations.size, ''),
    plain('of them, known to a client', testimony.generations.size, ''),
    ...[...outcomes(observed)].map(([outcome, count]) => plain(`ended: ${outcome}`, count, '')),
    ...faults.map((fault) => atMost(fault, violations.filter((violation) => violation.fault === fault).length, '', 0)),
  ];
}

async function run(context: BenchContext): Promise<Figure[]> {
  context.say(`seed ${context.numbers.seed ?? 1}`);
  const stateDir = mkdtempSync(path.join(tmpdir(), 'darkroom-kills-'));
  const [port = 0] = await freePorts(1);
  const config = { ...context.config, stateDir, port, redisUrl: undefined };
  try {
    return await usePlatform(config, { command: 'gateway-kills', signal: context.signal, say: context.say }, (platform) =>
      killOn(context, platform, stateDir),
    );
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Whether anything that a client was told is lost, doubled or charged wrongly when gateways are killed under load. */
export const gatewayKills: Benchmark = {
  name: 'gateway-kills',
  summary:
    '200 random requests while the gateway is killed 25 times; then all that clients were told is checked; about five minutes',
  options: ['requests', 'kills', 'seed'],
  run,
};
