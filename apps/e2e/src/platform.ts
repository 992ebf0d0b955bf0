import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DarkroomClient } from '@darkroom/client';
import { freePort, placeEmptyCluster } from '@darkroom/testing';
import OpenAI from 'openai';
import { processTree, until } from './processes.js';

const root = path.resolve(import.meta.dirname, '../../..');

/** The parts of run.json that tests read. */
interface RunRecord {
  readonly ready: boolean;
  readonly gatewayUrl: string;
  readonly controlPlaneUrl: string;
  readonly services: readonly {
    readonly name: string;
    readonly pid?: number;
    readonly httpUrl?: string;
    readonly restarts: number;
  }[];
}

/** One row of the usage ledger, as the admin API tells it. */
export interface UsageRow {
  readonly generation_id: string;
  readonly outcome: string;
  /** Samples that the transformer evaluated. */
  readonly evaluations: number;
}

/** An API key as the admin API tells it when it's made. */
export interface CreatedKey {
  readonly id: string;
  readonly secret: string;
}

/** The real platform, started by the real launcher, in a state folder and on ports of its own. */
export class TestPlatform {
  readonly stateDir: string;
  readonly port: number;
  readonly launcher: ChildProcess;
  /** Everything that the launcher printed so far. */
  output = '';

  private constructor(stateDir: string, port: number, environment: NodeJS.ProcessEnv) {
    this.stateDir = stateDir;
    this.port = port;
    this.launcher = spawn(process.execPath, [path.join(root, 'tools/local/dist/start.js')], {
      cwd: root,
      env: {
        ...process.env,
        DARKROOM_STATE_DIR: stateDir,
        DARKROOM_PORT: String(port),
        // Specs start platforms beside one another, and beside one that runs on this machine.
        DARKROOM_DASHBOARD_PORT: '0',
        // One is enough for most; a spec that wants all there are says so with ''.
        MODELS: 'pocket',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.launcher.stdout, this.launcher.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  /** Starts the launcher without waiting for anything. */
  static async launch(
    options: { stateDir?: string; port?: number; environment?: NodeJS.ProcessEnv } = {},
  ): Promise<TestPlatform> {
    const stateDir = options.stateDir ?? mkdtempSync(path.join(tmpdir(), 'darkroom-e2e-'));
    if (options.stateDir === undefined) await placeEmptyCluster(path.join(stateDir, 'database'));
    return new TestPlatform(stateDir, options.port ?? (await freePort()), options.environment ?? {});
  }

  /** Starts the launcher and waits until it has printed that the platform is ready. */
  static async start(options: { stateDir?: string; port?: number; environment?: NodeJS.ProcessEnv } = {}): Promise<TestPlatform> {
    const platform = await TestPlatform.launch(options);
    try {
      await until(
        'the launcher says that the platform is ready',
        () => {
          if (platform.ended) throw new Error(`the launcher ended with status ${platform.launcher.exitCode}`);
          return platform.output.includes('Ctrl-C stops everything.');
        },
        180_000,
      );
      return platform;
    } catch (cause) {
      const { output } = platform;
      await platform.dispose();
      throw new Error(`the platform did not start:\n${output}`, { cause });
    }
  }

  get ended(): boolean {
    return this.launcher.exitCode !== null || this.launcher.signalCode !== null;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get apiKey(): string {
    return readFileSync(path.join(this.stateDir, 'api-key'), 'utf8').trim();
  }

  get record(): RunRecord {
    return JSON.parse(readFileSync(path.join(this.stateDir, 'run.json'), 'utf8')) as RunRecord;
  }

  /** Ids of the launcher and everything it started. */
  get processes(): number[] {
    return processTree(this.launcher.pid ?? 0);
  }

  /** The official client, unmodified; it never retries unless told to, so that tests see each answer. */
  openai(options: { apiKey?: string; maxRetries?: number } = {}): OpenAI {
    return new OpenAI({ baseURL: `${this.url}/v1`, apiKey: options.apiKey ?? this.apiKey, maxRetries: options.maxRetries ?? 0 });
  }

  /** The platform's own typed client. */
  client(): DarkroomClient {
    return new DarkroomClient({ baseUrl: this.url, apiKey: this.apiKey });
  }

  /** Calls the gateway as plain HTTP. */
  fetch(route: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json', ...init.headers };
    return fetch(`${this.url}${route}`, { ...init, headers });
  }

  /** Posts a generation request as plain HTTP. */
  post(body: object, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch('/v1/images/generations', { method: 'POST', body: JSON.stringify(body), headers });
  }

  /** Calls the control plane's admin API. */
  async admin<T>(method: string, route: string, body?: object): Promise<T> {
    const token = readFileSync(path.join(this.stateDir, 'admin-token'), 'utf8').trim();
    const response = await fetch(`${this.record.controlPlaneUrl}/admin/v1${route}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route} answered ${response.status}: ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as T;
  }

  /** Rows of the usage ledger, of one generation or of all. */
  async usage(generationId?: string): Promise<UsageRow[]> {
    const filter = generationId === undefined ? '' : `&generation_id=${generationId}`;
    const { data } = await this.admin<{ data: UsageRow[] }>('GET', `/usage?limit=1000${filter}`);
    return data;
  }

  /** Sends a signal to a service, and returns its process. */
  signal(name: string, signal: NodeJS.Signals): number {
    const pid = this.record.services.find((service) => service.name === name)?.pid;
    if (pid === undefined) throw new Error(`${name} does not run`);
    process.kill(-pid, signal);
    return pid;
  }

  /** Kills a service the hard way, as the kernel or a crash would; the launcher starts it again. */
  async kill(name: string): Promise<void> {
    const pid = this.signal(name, 'SIGKILL');
    await until(`${name} is dead`, () => !processTree(this.launcher.pid ?? 0).includes(pid));
  }

  /** Kills Redis, and with it all that it had on its disk. */
  async loseRedis(): Promise<void> {
    // What it has open goes with its process.
    rmSync(path.join(this.stateDir, 'redis/appendonlydir'), { recursive: true });
    await this.kill('redis');
  }

  /** Waits until every service of the platform is ready again. */
  async settled(): Promise<void> {
    const isReady = async ({ pid, httpUrl }: { pid?: number; httpUrl?: string }) => {
      if (pid === undefined) return false;
      if (httpUrl === undefined) return true;
      return fetch(`${httpUrl}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    };
    await until('all services are ready again', async () =>
      (await Promise.all(this.record.services.map(isReady))).every(Boolean),
    );
  }

  /** Ends the launcher with a signal and waits for it; the state folder stays, for another start. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.ended) return;
    this.launcher.kill(signal);
    await until('the launcher ends', () => this.ended, 45_000);
  }

  /** Ends the launcher and removes all that the platform kept. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}
