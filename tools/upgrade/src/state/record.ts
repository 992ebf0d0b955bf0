import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts, keptSecrets, type LocalConfig, LocalPlatform } from '@darkroom/local';
import { startRedisServer } from '@darkroom/testing';
import type { Version } from '../version.js';
import { databaseScript } from './database-script.js';
import type { RecordedState } from './recorded-state.js';
import { dumpRedis } from './redis-dump.js';
import { leaveWork } from './unfinished-work.js';

const READY_MS = 120_000;

/** What recording needs to know. */
export interface RecordOptions {
  readonly config: LocalConfig;
  readonly version: Version;
  /** Folder that the state is written to; what is there is replaced. */
  readonly out: string;
  readonly signal: AbortSignal;
}

/** Lets a version work, kills all of it in the middle, and writes down what it leaves: queues, database, blobs and secrets. */
export async function recordState({ config, version, out, signal }: RecordOptions): Promise<RecordedState> {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'darkroom-record-'));
  const redis = await startRedisServer();
  try {
    const [port = 0] = await freePorts(1);
    const platform = await LocalPlatform.start(
      { ...config, root: version.root, modelsDir: path.join(version.root, 'models'), stateDir, port, redisUrl: redis.url },
      { startedBy: 'record', signal, readyTimeoutMs: READY_MS, onDeath: () => {}, onRecovery: () => {}, onWait: () => {} },
    );
    let work: RecordedState['work'];
    try {
      work = await leaveWork(platform);
      // All at once, as when the machine loses its power: nothing is finished, handed on or said.
      for (const { pid } of platform.status()) if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } finally {
      await platform.stop();
    }
    const state: RecordedState = { commit: version.commit, recordedAt: new Date().toISOString(), work };
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const write = (name: string, text: string) => writeFileSync(path.join(out, name), text);
    write('state.json', `${JSON.stringify(state, null, 2)}\n`);
    write('redis.jsonl', await dumpRedis(redis.url));
    write('database.sql', await databaseScript(path.join(stateDir, 'database'), version.root));
    const present = ['blobs', ...keptSecrets].filter((name) => existsSync(path.join(stateDir, name)));
    for (const name of present) cpSync(path.join(stateDir, name), path.join(out, name), { recursive: true });
    return state;
  } finally {
    await redis.dispose();
    rmSync(stateDir, { recursive: true, force: true });
  }
}
