import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  ControlPlaneClient,
  freePorts,
  type LocalConfig,
  nodeOptions,
  residentBytes,
  serviceEntry,
  thriftyEnvironment,
} from '@darkroom/local';
import { processorMs } from '../processor-time.js';

const READY_MS = 60_000;

/** A gateway in a process of its own, with a real Redis and neighbours that answer at once. */
export class GatewayProcess {
  readonly url: string;
  readonly redisUrl: string;
  /** What the control plane lets in; any key where it isn't the real one. */
  readonly secret: string;
  private readonly gateway: ChildProcess;
  private readonly others: readonly ChildProcess[];
  private readonly folder: string;

  private constructor(
    url: string,
    redisUrl: string,
    gateway: ChildProcess,
    { others, folder, secret }: { others: readonly ChildProcess[]; folder: string; secret?: string },
  ) {
    this.url = url;
    this.secret = secret ?? `dk_${'b'.repeat(43)}`;
    this.redisUrl = redisUrl;
    this.gateway = gateway;
    this.others = others;
    this.folder = folder;
  }

  /**
   * Starts it all, and waits until the gateway is ready.
   *
   * @param hasRealControlPlane whether the control plane is the real one, with a database of its own; it lets `secret` in then.
   */
  static async start({ root, modelsDir }: LocalConfig, model: string, hasRealControlPlane = false): Promise<GatewayProcess> {
    const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-bench-'));
    const [redisPort, httpPort] = await freePorts(2);
    const redisUrl = `redis://127.0.0.1:${redisPort}`;
    // As the launcher starts it: with an append-only file, evicting nothing.
    const settings = ['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction', '--bind', '127.0.0.1'];
    const redis = spawn('redis-server', ['--port', `${redisPort}`, '--dir', folder, ...settings], { stdio: 'ignore' });
    const neighbours = fork(fileURLToPath(new URL('./neighbours-child.js', import.meta.url)), [redisUrl, model]);
    const [{ port }] = (await once(neighbours, 'message')) as [{ port: number }];
    const address = `127.0.0.1:${port}`;
    const controlPlane = hasRealControlPlane
      ? await startControlPlane(root, path.join(folder, 'control-plane'), redisUrl)
      : undefined;
    const gateway = spawn(process.execPath, [...nodeOptions('gateway'), serviceEntry(root, 'gateway')], {
      env: {
        ...process.env,
        ...thriftyEnvironment,
        HTTP_HOST: '127.0.0.1',
        HTTP_PORT: `${httpPort}`,
        DARKROOM_STATE_DIR: folder,
        REDIS_URL: redisUrl,
        MODELS_DIR: modelsDir,
        MODELS: model,
        CONTROL_PLANE_ADDRESS: controlPlane?.address ?? address,
        MODERATOR_ADDRESS: address,
        PROMPT_ENCODER_ADDRESS: address,
        VAE_DECODER_ADDRESS: address,
        // Nothing is taken off the queue here.
        QUEUE_LIMIT_JOBS: '1000000',
        QUEUE_LIMIT_SECONDS: '86400',
        LOG_LEVEL: 'warn',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const started = new GatewayProcess(`http://127.0.0.1:${httpPort}`, redisUrl, gateway, {
      others: [neighbours, redis, ...(controlPlane ? [controlPlane.process] : [])],
      folder,
      ...(controlPlane && { secret: controlPlane.secret }),
    });
    try {
      await isReady(started.url, gateway);
      return started;
    } catch (error) {
      started.stop();
      throw error;
    }
  }

  /** Resident memory in bytes. */
  get residentBytes(): number {
    return residentBytes(this.gateway.pid ?? 0) ?? Number.NaN;
  }

  /** Milliseconds of processor time that it has used. */
  get processorMs(): number {
    return processorMs(this.gateway.pid);
  }

  stop(): void {
    for (const child of [this.gateway, ...this.others]) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Starts a control plane with an embedded database, and makes a key. */
async function startControlPlane(root: string, stateDir: string, redisUrl: string) {
  const [httpPort, grpcPort] = await freePorts(2);
  const adminToken = randomBytes(16).toString('hex');
  const child = spawn(process.execPath, [...nodeOptions('control-plane'), serviceEntry(root, 'control-plane')], {
    env: {
      ...process.env,
      ...thriftyEnvironment,
      HTTP_HOST: '127.0.0.1',
      HTTP_PORT: `${httpPort}`,
      GRPC_HOST: '127.0.0.1',
      GRPC_PORT: `${grpcPort}`,
      DARKROOM_STATE_DIR: stateDir,
      REDIS_URL: redisUrl,
      ADMIN_TOKEN: adminToken,
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${httpPort}`;
  await isReady(url, child);
  const { secret } = await new ControlPlaneClient(url, adminToken).createKey({ name: 'bench' });
  return { process: child, address: `127.0.0.1:${grpcPort}`, secret };
}

async function isReady(url: string, child: ChildProcess): Promise<void> {
  const end = Date.now() + READY_MS;
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return;
    if (Date.now() > end || child.exitCode !== null) throw new Error(`${url} did not become ready`);
    await sleep(100);
  }
}
