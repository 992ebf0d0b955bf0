import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModeratorServiceService } from '@darkroom/contracts';
import { freePorts, type LocalConfig, nodeOptions, serviceEntry, thriftyEnvironment } from '@darkroom/local';
import { type GrpcClient, GrpcConnection } from '@darkroom/service-kit';
import { processorMs } from '../processor-time.js';

const READY_MS = 60_000;
const CALL_MS = 60_000;

/** A moderator in a process of its own, as the launcher runs it, with a real Redis for its audit log. */
export class ModeratorProcess {
  readonly client: GrpcClient<typeof ModeratorServiceService>;
  private readonly connection: GrpcConnection;
  private readonly children: readonly ChildProcess[];
  private readonly folder: string;

  private constructor(address: string, children: readonly ChildProcess[], folder: string) {
    this.connection = new GrpcConnection({ address, name: 'moderator', timeoutMs: CALL_MS });
    this.client = this.connection.client(ModeratorServiceService);
    this.children = children;
    this.folder = folder;
  }

  /** Starts both, and waits until the moderator is ready. */
  static async start({ root, modelsDir }: LocalConfig): Promise<ModeratorProcess> {
    const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-bench-'));
    const [redisPort, httpPort, grpcPort] = await freePorts(3);
    const settings = ['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction', '--bind', '127.0.0.1'];
    const redis = spawn('redis-server', ['--port', `${redisPort}`, '--dir', folder, ...settings], { stdio: 'ignore' });
    const moderator = spawn(process.execPath, [...nodeOptions('moderator'), serviceEntry(root, 'moderator')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        ...thriftyEnvironment,
        MODELS_DIR: modelsDir,
        REDIS_URL: `redis://127.0.0.1:${redisPort}`,
        HTTP_PORT: `${httpPort}`,
        GRPC_PORT: `${grpcPort}`,
        AUDIT_KEY: randomBytes(32).toString('base64'),
        LOG_LEVEL: 'error',
      },
    });
    const started = new ModeratorProcess(`127.0.0.1:${grpcPort}`, [moderator, redis], folder);
    try {
      await started.waitUntilReady(`http://127.0.0.1:${httpPort}/readyz`, moderator);
    } catch (error) {
      started.stop();
      throw error;
    }
    return started;
  }

  /** Milliseconds of processor time that the moderator has used. */
  get processorMs(): number {
    return processorMs(this.children[0]?.pid);
  }

  /** Ends both, and removes what they wrote. */
  stop(): void {
    this.connection.close();
    for (const child of this.children) child.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async waitUntilReady(url: string, moderator: ChildProcess): Promise<void> {
    const end = Date.now() + READY_MS;
    while ((await fetch(url).catch(() => undefined))?.status !== 200) {
      if (moderator.exitCode !== null || Date.now() > end) throw new Error('the moderator did not become ready');
      await sleep(100);
    }
  }
}
