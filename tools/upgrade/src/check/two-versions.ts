import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, type LocalConfig, portsNeeded, SupervisedProcess, serviceSpecs } from '@darkroom/local';
import type { Version } from '../version.js';
import { Balancer } from './balancer.js';

const READY_MS = 120_000;
/** Callers have so long to hear that a service goes, as in the chart. */
const UNLISTED_MS = 1_000;
const STOP_GRACE_MS = 15_000;

/** Services that others call over gRPC, which come to them through a balancer. */
export const servers = ['control-plane', 'moderator', 'prompt-encoder', 'vae-decoder'] as const;

/** A service that runs, and the doors that lead to it. */
interface Instance {
  readonly process: SupervisedProcess;
  readonly doors: readonly { readonly balancer: Balancer; readonly port: number }[];
}

/** What all services share, whatever their version. */
export interface SharedState {
  readonly config: LocalConfig;
  readonly models: readonly string[];
  readonly redisUrl: string;
  readonly adminToken: string;
}

/** Services of two versions on one queue, one database and one blob store, each of which can be there in either version, or in both. */
export class TwoVersions {
  /** What ended by itself, though it should not have. */
  readonly deaths: string[] = [];
  private readonly shared: SharedState;
  private readonly grpc: ReadonlyMap<string, Balancer>;
  private readonly http: ReadonlyMap<string, Balancer>;
  private readonly running = new Map<string, Instance>();
  private started = 0;

  private constructor(shared: SharedState, grpc: ReadonlyMap<string, Balancer>, http: ReadonlyMap<string, Balancer>) {
    this.shared = shared;
    this.grpc = grpc;
    this.http = http;
  }

  static async open(shared: SharedState): Promise<TwoVersions> {
    const balancers = async (names: readonly string[]) =>
      new Map(await Promise.all(names.map(async (name) => [name, await Balancer.open()] as const)));
    mkdirSync(path.join(shared.config.stateDir, 'logs'), { recursive: true });
    return new TwoVersions(shared, await balancers(servers), await balancers(['gateway', 'control-plane']));
  }

  /** Address of whichever gateways or control planes there are. */
  url(name: 'gateway' | 'control-plane'): string {
    return `http://127.0.0.1:${this.http.get(name)?.port}`;
  }

  /**
   * Starts a service in one version, and lets others call it once it is ready.
   * @throws Error when it does not become ready.
   */
  async start(name: string, { root, commit }: Version): Promise<void> {
    const { config, models, redisUrl, adminToken } = this.shared;
    const [port = 0, ...ports] = await freePorts(portsNeeded(models, config) + 1);
    const own = { ...config, root, port, modelsDir: path.join(root, 'models') };
    const service = serviceSpecs(own, { redisUrl, adminToken, models, dashboardPort: undefined }, ports).find(
      (one) => one.name === name,
    );
    if (service === undefined) throw new Error(`there is no service ${name}`);
    const addresses = [...this.grpc].map(([server, balancer]) => [
      `${server.toUpperCase().replaceAll('-', '_')}_ADDRESS`,
      `127.0.0.1:${balancer.port}`,
    ]);
    const logFile = path.join(config.stateDir, `logs/${name}-${++this.started}-${commit.slice(0, 7)}.log`);
    const env = { ...service.process.env, ...Object.fromEntries(addresses) };
    const process = new SupervisedProcess(
      { ...service.process, env, logFile },
      () => undefined,
      ({ how, lastWords }) => this.deaths.push(`${name} of ${commit.slice(0, 7)}: ${how}: ${lastWords.join(' | ')}`),
    );
    process.start();
    const doors = [
      { balancer: this.grpc.get(name), port: Number(service.grpcAddress?.split(':')[1]) },
      { balancer: this.http.get(name), port: Number(new URL(service.httpUrl).port) },
    ].flatMap(({ balancer, port }) => (balancer === undefined ? [] : [{ balancer, port }]));
    this.running.set(keyOf(name, commit), { process, doors });
    // A service that needs another of its kind's neighbours is ready once they are, so doors open as soon as it answers at all.
    await answers(service.httpUrl, '/healthz');
    for (const { balancer, port } of doors) balancer.add(port);
    await answers(service.httpUrl, '/readyz');
  }

  /** Stops a service of one version as a rolling upgrade does: nobody new comes to it, and then it ends in order. */
  async stop(name: string, { commit }: Version): Promise<void> {
    const instance = this.running.get(keyOf(name, commit));
    if (instance === undefined) throw new Error(`${name} of ${commit} does not run`);
    for (const { balancer, port } of instance.doors) balancer.remove(port);
    await sleep(UNLISTED_MS);
    await instance.process.stop(STOP_GRACE_MS);
    this.running.delete(keyOf(name, commit));
  }

  /** Stops all that runs. */
  async close(): Promise<void> {
    await Promise.all([...this.running.values()].map(({ process }) => process.stop(STOP_GRACE_MS)));
    for (const balancer of [...this.grpc.values(), ...this.http.values()]) balancer.close();
  }
}

const keyOf = (name: string, commit: string) => `${name} ${commit}`;

async function answers(url: string, route: string): Promise<void> {
  let reason = 'it does not answer';
  for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(100)) {
    const response = await fetch(url + route).catch(() => undefined);
    if (response?.ok === true) return;
    if (response !== undefined) reason = await response.text();
  }
  throw new Error(`${url}${route}: not within ${READY_MS / 1000} s: ${reason}`);
}
