import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ControlPlaneClient, freePorts, type UsablePlatform, usePlatform } from '@darkroom/local';
import type { BenchContext } from '../benchmark.js';
import { atMost, type Figure, plain } from '../figures.js';
import type { ServiceKiller } from '../service-killer.js';
import { audit } from './audit.js';
import { Client } from './client.js';
import { type Observation, observe, type Tenant } from './observation.js';
import type { Round } from './plan.js';
import { faults, Testimony } from './testimony.js';

/** A service to kill, and what it is called in figures. */
export interface Victim {
  readonly label: string;
  readonly killer: ServiceKiller;
}

/** Rounds of requests, in each of which a service is killed. */
export interface Trial {
  /** Also the name of the tenant that it makes. */
  readonly name: string;
  readonly rounds: readonly Round[];
  /** Returns the services that are killed, in turn, on a platform whose state is in a folder. */
  readonly victims: (stateDir: string, signal: AbortSignal) => readonly Victim[];
}

/** Starts a platform, sends all requests while its services are killed, and compares what clients were told with what there is. */
export async function runTrial(context: BenchContext, trial: Trial): Promise<Figure[]> {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'darkroom-kills-'));
  const [port = 0] = await freePorts(1);
  const config = { ...context.config, stateDir, port, redisUrl: undefined };
  try {
    return await usePlatform(config, { command: trial.name, signal: context.signal, say: context.say }, (platform) =>
      killOn(context, platform, stateDir, trial),
    );
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function killOn(context: BenchContext, platform: UsablePlatform, stateDir: string, trial: Trial): Promise<Figure[]> {
  const startedAt = performance.now();
  const testimony = new Testimony();
  const tenant = await newTenant(platform, trial.name);
  const victims = trial.victims(stateDir, context.signal);
  const client = new Client(platform.gatewayUrl, tenant.secret, testimony, context.signal);
  await begin(context, trial.rounds, victims, client);
  const seconds = (performance.now() - startedAt) / 1000;
  const observed = await observe(tenant, testimony);
  const violations = audit(testimony, observed);
  for (const { fault, subject, why } of violations) context.say(`${fault}: ${subject}: ${why}`);
  return [
    plain(
      'requests',
      trial.rounds.reduce((sum, { requests }) => sum + requests.length, 0),
      '',
    ),
    ...victims.map(({ label, killer }) => plain(`killed: ${label}`, killer.kills, '')),
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

/** Makes a tenant whose limits are counted, and never reached. */
async function newTenant(platform: UsablePlatform, name: string): Promise<Tenant> {
  const controlPlane = new ControlPlaneClient(platform.controlPlaneUrl, platform.adminToken);
  await controlPlane.ensureTenant(name);
  const { id } = await controlPlane.changeTenant(name, { concurrent_generations: 10_000, compute_units_per_month: 1e15 });
  const { secret } = await controlPlane.createKey({ name, tenant: name });
  return { id, secret, platform };
}

/** Sends all requests, and kills one of the services among those of each round. */
async function begin(context: BenchContext, rounds: readonly Round[], victims: readonly Victim[], client: Client): Promise<void> {
  const { signal } = context;
  const all: Promise<void>[] = [];
  let last: ServiceKiller | undefined;
  for (const [index, round] of rounds.entries()) {
    const { label, killer } = victims[index % victims.length] as Victim;
    await (last ?? killer).next(round.from);
    await sleep(round.pauseMs, undefined, { signal });
    const sent = round.requests.map((planned) => sleep(planned.atMs).then(() => client.run(planned)));
    // One that fails is heard of in the end.
    for (const one of sent) one.catch(() => undefined);
    all.push(...sent);
    await sleep(round.killAtMs, undefined, { signal });
    await killer.next('started');
    killer.kill();
    last = killer;
    context.say(`${all.length} requests, ${label} killed, ${index + 1}/${rounds.length}`);
  }
  await last?.next('ready');
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
