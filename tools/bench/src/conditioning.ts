import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EncodeResponse, PromptEncoderServiceService } from '@darkroom/contracts';
import { freePorts, residentBytes } from '@darkroom/local';
import { type GrpcClient, GrpcConnection } from '@darkroom/service-kit';
import type { BenchContext, Benchmark } from './benchmark.js';
import { type Figure, median, plain } from './figures.js';

const MODEL = 'pocket';
const WARM_UPS = 20;
const ROUNDS = 200;
const READY_MS = 60_000;

type Encoder = GrpcClient<typeof PromptEncoderServiceService>;

/** A prompt encoder in a process of its own. */
interface EncoderProcess {
  readonly encoder: Encoder;
  readonly pid: number;
}

/** Starts processes, and ends them all in the end. */
class Processes {
  private readonly children: ChildProcess[] = [];
  private readonly connections: GrpcConnection[] = [];
  private readonly context: BenchContext;
  private readonly folder: string;

  constructor(context: BenchContext, folder: string) {
    this.context = context;
    this.folder = folder;
  }

  /** Starts a Redis as the launcher does: with an append-only file, evicting nothing. */
  async startRedis(): Promise<{ url: string; kill: () => void }> {
    const [port] = await freePorts(1);
    const settings = ['--appendonly', 'yes', '--save', '', '--maxmemory-policy', 'noeviction', '--bind', '127.0.0.1'];
    const redis = this.run('redis-server', ['--port', `${port}`, '--dir', this.folder, ...settings], process.env);
    return { url: `redis://127.0.0.1:${port}`, kill: () => redis.kill('SIGKILL') };
  }

  /** Starts a prompt encoder and waits until it has its model and, where it shares, its Redis. */
  async startEncoder(variables: Record<string, string>): Promise<EncoderProcess> {
    const { root, modelsDir } = this.context.config;
    const [httpPort, grpcPort] = await freePorts(2);
    const child = this.run(process.execPath, [path.join(root, 'apps/prompt-encoder/dist/main.js')], {
      ...process.env,
      REDIS_URL: '',
      MODELS_DIR: modelsDir,
      MODELS: MODEL,
      HTTP_PORT: `${httpPort}`,
      GRPC_PORT: `${grpcPort}`,
      LOG_LEVEL: 'silent',
      ...variables,
    });
    const page = async (name: string) => await fetch(`http://127.0.0.1:${httpPort}${name}`).catch(() => undefined);
    const isReady = async () => {
      if ((await page('/readyz'))?.status !== 200) return false;
      const metrics = (await (await page('/metrics'))?.text()) ?? '';
      return variables['REDIS_URL'] === undefined || /conditioning_cache_bytes\{[^}]*tier="shared"/.test(metrics);
    };
    const end = Date.now() + READY_MS;
    while (!(await isReady())) {
      if (Date.now() > end || child.exitCode !== null) throw new Error('a prompt encoder did not become ready');
      await sleep(100);
    }
    const connection = new GrpcConnection({ address: `127.0.0.1:${grpcPort}`, name: 'prompt-encoder', timeoutMs: 30_000 });
    this.connections.push(connection);
    return { encoder: connection.client(PromptEncoderServiceService), pid: Number(child.pid) };
  }

  stop(): void {
    for (const connection of this.connections) connection.close();
    for (const child of this.children) child.kill('SIGKILL');
  }

  private run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(command, args, { env, stdio: 'ignore' });
    this.children.push(child);
    return child;
  }
}

/** Times a call that must have come from where it was expected to. */
async function timed(call: () => Promise<readonly EncodeResponse[]>, cached: boolean): Promise<number> {
  const startedAt = performance.now();
  const answers = await call();
  const tookMs = performance.now() - startedAt;
  if (answers.some((answer) => answer.cached !== cached)) throw new Error(`an answer was ${cached ? 'not ' : ''}from a cache`);
  return tookMs;
}

const one = (encoder: Encoder, prompt: string) => async () => [await encoder.encode({ model: MODEL, prompt })];

async function run(context: BenchContext): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'darkroom-bench-'));
  const processes = new Processes(context, folder);
  try {
    const redis = await processes.startRedis();
    const alone = await processes.startEncoder({});
    const writer = await processes.startEncoder({ REDIS_URL: redis.url });
    const reader = await processes.startEncoder({ REDIS_URL: redis.url, CONDITIONING_CACHE_BYTES: '0' });
    const memory = [writer, alone].map(({ pid }) => residentBytes(pid) ?? Number.NaN);
    const times = new Map<string, number[]>();
    const note = async (name: string, time: Promise<number>) => {
      const list = times.get(name) ?? [];
      times.set(name, [...list, await time]);
    };
    const negative = 'blurred, low quality';
    for (let round = -WARM_UPS; round < ROUNDS; round += 1) {
      if (round === 0) times.clear();
      context.signal.throwIfAborted();
      const prompt = `a red apple left of a blue square on a yellow background, number ${round}`;
      await note('made, nothing shared', timed(one(alone.encoder, prompt), false));
      await note('made, looked for in Redis first', timed(one(writer.encoder, prompt), false));
      await note('found in memory', timed(one(writer.encoder, prompt), true));
      // The entry is written when the answer has gone out already.
      await sleep(10);
      await note('found in Redis', timed(one(reader.encoder, prompt), true));
      const pair = [prompt, negative];
      if (round === -WARM_UPS) await writer.encoder.encode({ model: MODEL, prompt: negative });
      const both = async () => (await Promise.all(pair.map((text) => one(writer.encoder, text)()))).flat();
      await note('pair found in memory, two calls', timed(both, true));
      const together = async () => (await writer.encoder.encodeBatch({ model: MODEL, prompts: pair })).responses;
      await note('pair found in memory, one call', timed(together, true));
    }
    redis.kill();
    await sleep(500);
    for (let round = 0; round < ROUNDS; round += 1) {
      await note('made, Redis away', timed(one(writer.encoder, `a green pear, number ${round}`), false));
    }
    return [
      ...[...times].map(([name, list]) => plain(`${name}, median of ${ROUNDS}`, median(list), 'ms')),
      plain('resident memory of an encoder that shares, ready', (memory[0] ?? Number.NaN) / 2 ** 20, 'MiB'),
      plain('resident memory of one that does not', (memory[1] ?? Number.NaN) / 2 ** 20, 'MiB'),
    ];
  } finally {
    processes.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What it takes to get a prompt's conditioning, by where it is found. */
export const conditioning: Benchmark = {
  name: 'conditioning',
  summary: 'a prompt through the prompt encoder: made anew, found in memory, found in the Redis that encoders share',
  run,
};
