import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, type LocalConfig, processIdentity, readRunRecord, residentBytes, type UsablePlatform } from '@darkroom/local';
import type { BenchContext, Benchmark } from './benchmark.js';
import { timedGeneration } from './client.js';
import { below, type Figure, median } from './figures.js';
import { apiKeyOf } from './state.js';

const RUNS = 3;
const TIMEOUT_MS = 120_000;

/** A platform that runs as its own process tree, as after `npm start`. */
interface Started {
  readonly seconds: number;
  readonly pid: number;
  readonly platform: UsablePlatform;
  stop(): Promise<void>;
}

/** Starts the platform through the bootstrap, as npm does, and waits until it says that it's ready. */
async function start(config: LocalConfig, stateDir: string): Promise<Started> {
  const [port = 0] = await freePorts(1);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [path.join(config.root, 'tools/local/bootstrap.mjs'), 'start'], {
    cwd: config.root,
    env: { ...config.environment, DARKROOM_STATE_DIR: stateDir, DARKROOM_PORT: String(port), DARKROOM_DASHBOARD_PORT: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  while (readRunRecord(stateDir)?.ready !== true || apiKeyOf(stateDir) === undefined) {
    if (child.exitCode !== null) throw new Error(`the platform ended with status ${child.exitCode}:\n${errors}`);
    if (performance.now() - startedAt > TIMEOUT_MS)
      throw new Error(`the platform isn't ready after ${TIMEOUT_MS / 1000} s:\n${errors}`);
    await sleep(20);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const record = readRunRecord(stateDir);
  const pid = child.pid ?? 0;
  return {
    seconds,
    pid,
    platform: {
      gatewayUrl: record?.gatewayUrl ?? '',
      controlPlaneUrl: record?.controlPlaneUrl ?? '',
      adminToken: '',
      apiKey: apiKeyOf(stateDir) ?? '',
      own: true,
    },
    stop: async () => {
      child.kill('SIGTERM');
      while (child.exitCode === null && child.signalCode === null && processIdentity(pid) !== undefined) await sleep(20);
    },
  };
}

async function run(context: BenchContext): Promise<Figure[]> {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'darkroom-bench-'));
  const seconds: number[] = [];
  let idle = 0;
  let used = 0;
  try {
    const first = await start(context.config, stateDir);
    context.say(`first start, with a new database and key: ${first.seconds.toFixed(1)} s`);
    await first.stop();
    for (let index = 0; index < RUNS; index++) {
      const started = await start(context.config, stateDir);
      seconds.push(started.seconds);
      context.say(`start ${index + 1}/${RUNS}: ${started.seconds.toFixed(1)} s`);
      if (index === RUNS - 1) {
        idle = residentBytes(started.pid) ?? Number.NaN;
        await timedGeneration(started.platform, { prompt: 'a red apple', size: '256x256', steps: 20 }, context.signal);
        used = residentBytes(started.pid) ?? Number.NaN;
      }
      await started.stop();
    }
    return [
      below('start to ready, median of 3', median(seconds), 's', 10),
      below('start to ready with a new database', first.seconds, 's', 10),
      below('resident memory when ready', idle / 2 ** 20, 'MiB', 1536),
      below('resident memory after a 256x256 image', used / 2 ** 20, 'MiB', 1536),
    ];
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** How long a start takes, and how much memory everything uses. */
export const startup: Benchmark = {
  name: 'startup',
  summary: 'time from the command to a ready platform, and the resident memory of all its processes',
  run,
};
