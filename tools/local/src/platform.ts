import path from 'node:path';
import { type LocalConfig, LocalError } from './config.js';
import { ControlPlaneClient } from './control-plane-client.js';
import { residentBytes } from './memory.js';
import { assertPortFree, freePorts, LOOPBACK } from './ports.js';
import { type Awaited, awaitReady, httpProblem } from './readiness.js';
import { privateRedis, redisProblem } from './redis.js';
import { claimState, processIdentity, type RunningService, type RunRecord, releaseState, writeRunRecord } from './run-file.js';
import { apiKeyFile, dashboardPasswordFile, keptSecret, readSecret, writeSecret } from './secrets.js';
import { portsNeeded, type ServiceSpec, servedModels, serviceSpecs } from './services.js';
import { type Death, type ProcessSpec, SupervisedProcess } from './supervised-process.js';

/** Longer than the services' own limit for a graceful shutdown. */
const STOP_GRACE_MS = 12_000;
/** Name of the operator that the first start makes. */
export const FIRST_OPERATOR = 'admin';
/** How long a restarted service is watched for its readiness. */
const RECOVERY_MS = 60_000;

/** What a caller decides about a start. */
export interface StartOptions {
  /** Command that starts the platform, for others to read in run.json. */
  readonly startedBy: string;
  /** Abort it to give up while starting. */
  readonly signal: AbortSignal;
  /** How long all services may take to become ready; Infinity to wait for as long as it takes. */
  readonly readyTimeoutMs: number;
  /** Names of the services to start; undefined for all. */
  readonly only?: readonly string[];
  readonly onDeath: (death: Death) => void;
  /** Told when a service that died is ready again. */
  readonly onRecovery: (name: string) => void;
  readonly onWait: (problems: ReadonlyMap<string, string>) => void;
}

/** A service with what it uses, for the table that `npm start` prints. */
export interface ServiceStatus extends RunningService {
  readonly residentBytes?: number;
}

/** The services of one machine, from their start to their end. */
export class LocalPlatform {
  readonly config: LocalConfig;
  readonly adminToken: string;
  readonly #options: StartOptions;
  readonly #processes: SupervisedProcess[] = [];
  #services: readonly ServiceSpec[] = [];
  #redisUrl: string;
  #ready = false;
  readonly #awaited = new Map<string, Awaited>();
  /** Aborted with the death of a service that no restart can help. */
  readonly #fatal = new AbortController();

  private constructor(config: LocalConfig, options: StartOptions) {
    this.config = config;
    this.#options = options;
    this.#redisUrl = config.redisUrl ?? '';
    this.adminToken = config.environment['ADMIN_TOKEN'] || keptSecret(path.join(config.stateDir, 'admin-token'));
  }

  /**
   * Starts every service and waits until all are ready.
   * @throws LocalError when the state folder or port is taken, or services don't become ready in time.
   */
  static async start(config: LocalConfig, options: StartOptions): Promise<LocalPlatform> {
    const models = servedModels(config);
    claimState(config.stateDir);
    const platform = new LocalPlatform(config, options);
    try {
      await platform.#start(models);
      return platform;
    } catch (error) {
      await platform.stop();
      throw error;
    }
  }

  /** Address of the HTTP API. */
  get gatewayUrl(): string {
    return `http://${LOOPBACK}:${this.config.port}`;
  }

  /** Address of the admin API. */
  get controlPlaneUrl(): string {
    return this.#httpUrl('control-plane');
  }

  async #start(models: readonly string[]): Promise<void> {
    const wanted = (name: string) => this.#options.only?.includes(name) ?? true;
    if (wanted('gateway')) await assertPortFree(this.config.port);
    // Commands that start the platform for themselves show no dashboard, and are to run beside one that does.
    const dashboardPort = this.#options.startedBy === 'start' ? this.config.dashboardPort || undefined : undefined;
    if (dashboardPort !== undefined) await assertPortFree(dashboardPort, 'DARKROOM_DASHBOARD_PORT');
    const [redisPort = 0, ...ports] = await freePorts(portsNeeded(models, this.config) + 1);
    if (this.config.redisUrl === undefined && wanted('redis')) await this.#startRedis(redisPort);
    const shared = { redisUrl: this.#redisUrl, adminToken: this.adminToken, models, dashboardPort };
    this.#services = serviceSpecs(this.config, shared, ports).filter(({ name }) => wanted(name));
    for (const service of this.#services) this.#supervise(service.process);
    const all = this.#services.map(({ name, httpUrl }) => ({ name, problem: () => httpProblem(httpUrl) }));
    await this.#awaitReady(all, this.#options.readyTimeoutMs);
    this.#ready = !this.#options.signal.aborted;
    this.#writeRecord();
  }

  async #startRedis(port: number): Promise<void> {
    const redis = privateRedis(this.config.stateDir, port, this.config.environment);
    this.#redisUrl = redis.url;
    this.#supervise(redis.spec);
    await this.#awaitReady([{ name: 'redis', problem: () => redisProblem(redis) }], 15_000);
  }

  #supervise(spec: ProcessSpec): void {
    const child = new SupervisedProcess(
      spec,
      () => this.#writeRecord(),
      (death) => this.#died(death),
    );
    this.#processes.push(child);
    child.start();
  }

  #died(death: Death): void {
    this.#options.onDeath(death);
    this.#writeRecord();
    if (death.restartInMs === undefined) this.#fatal.abort();
    else if (this.#ready) void this.#watchRecovery(death.name);
  }

  /** Waits for the restarted service to be ready; one that dies again meanwhile is watched by that death's call. */
  async #watchRecovery(name: string): Promise<void> {
    const awaited = this.#awaited.get(name);
    const child = this.#processes.find(({ spec }) => spec.name === name);
    if (awaited === undefined || child === undefined) return;
    const restarts = child.restarts + 1;
    const signal = AbortSignal.any([this.#options.signal, this.#fatal.signal]);
    await awaitReady([awaited], { timeoutMs: RECOVERY_MS, signal, onWait: () => undefined });
    const isReady = (await awaited.problem()) === undefined;
    if (isReady && child.restarts === restarts && !signal.aborted) this.#options.onRecovery(name);
  }

  async #awaitReady(all: readonly Awaited[], timeoutMs: number): Promise<void> {
    const { signal, onWait } = this.#options;
    for (const one of all) this.#awaited.set(one.name, one);
    const problems = await awaitReady(all, { timeoutMs, signal: AbortSignal.any([signal, this.#fatal.signal]), onWait });
    if (signal.aborted) return;
    if (this.#fatal.signal.aborted) throw new LocalError('Darkroom cannot start with this configuration.');
    if (problems.size === 0) return;
    const reasons = [...problems].map(([name, problem]) => `  ${name}: ${problem}`).join('\n');
    throw new LocalError(`Not ready within ${timeoutMs / 1000} s:\n${reasons}\nLogs: ${path.join(this.config.stateDir, 'logs')}`);
  }

  #httpUrl(name: string): string {
    return this.#services.find((service) => service.name === name)?.httpUrl ?? '';
  }

  #writeRecord(): void {
    const record: RunRecord = {
      launcher: { pid: process.pid, identity: processIdentity(process.pid) ?? '' },
      startedBy: this.#options.startedBy,
      ready: this.#ready,
      gatewayUrl: this.gatewayUrl,
      controlPlaneUrl: this.controlPlaneUrl,
      redisUrl: this.#redisUrl,
      services: this.#running(),
    };
    writeRunRecord(this.config.stateDir, record);
  }

  #running(): RunningService[] {
    return this.#processes.map(({ spec: { name }, pid, restarts }) => {
      const service = this.#services.find((one) => one.name === name);
      return {
        name,
        restarts,
        ...(pid === undefined ? {} : { pid }),
        ...(service === undefined ? {} : { httpUrl: service.httpUrl }),
        ...(service?.grpcAddress === undefined ? {} : { grpcAddress: service.grpcAddress }),
      };
    });
  }

  /** Tells each process's state and memory. */
  status(): ServiceStatus[] {
    return this.#running().map((service) => {
      const resident = service.pid === undefined ? undefined : residentBytes(service.pid);
      return { ...service, ...(resident === undefined ? {} : { residentBytes: resident }) };
    });
  }

  /** Reads the platform's API key, creating it on the first start. */
  async apiKey(): Promise<string> {
    const file = apiKeyFile(this.config.stateDir);
    const kept = readSecret(file);
    if (kept !== undefined) return kept;
    const { secret } = await new ControlPlaneClient(this.controlPlaneUrl, this.adminToken).createKey({ name: 'local' });
    writeSecret(file, secret);
    return secret;
  }

  /** Makes the first operator at the first start, with a password that is kept; an operator who is there stays as it is. */
  async ensureOperator(): Promise<void> {
    const client = new ControlPlaneClient(this.controlPlaneUrl, this.adminToken);
    const operators = await client.listOperators();
    if (operators.length > 0) return;
    const { password } = await client.createOperator({ name: FIRST_OPERATOR, role: 'admin' });
    writeSecret(dashboardPasswordFile(this.config.stateDir), password);
  }

  /** Stops everything in the order in which work flows, Redis last; no process is left when this resolves. */
  async stop(): Promise<void> {
    const waves: ((name: string) => boolean)[] = [
      (name) => name === 'gateway' || name.startsWith('denoiser'),
      (name) => name !== 'redis',
      () => true,
    ];
    const left = new Set(this.#processes);
    for (const belongs of waves) {
      const wave = [...left].filter(({ spec }) => belongs(spec.name));
      for (const child of wave) left.delete(child);
      await Promise.all(wave.map((child) => child.stop(STOP_GRACE_MS)));
    }
    releaseState(this.config.stateDir);
  }
}
