import { chmodSync, cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { keptSecrets } from '@darkroom/local';
import { makeDatabase } from './database-script.js';
import type { RecordedState } from './recorded-state.js';
import { loadRedis } from './redis-dump.js';

/**
 * Puts a recorded state where a platform finds it.
 *
 * @param from the folder that `recordState` wrote.
 * @param stateDir the platform's state folder, which has no database yet.
 * @param redisUrl an empty Redis.
 */
export async function restoreState(from: string, stateDir: string, redisUrl: string): Promise<RecordedState> {
  const read = (name: string) => readFileSync(path.join(from, name), 'utf8');
  await loadRedis(redisUrl, read('redis.jsonl'));
  const state = JSON.parse(read('state.json')) as RecordedState;
  await makeDatabase(path.join(stateDir, 'database'), read('database.sql') + movedToNow(state));
  cpSync(path.join(from, 'blobs'), path.join(stateDir, 'blobs'), { recursive: true });
  for (const name of keptSecrets.filter((one) => existsSync(path.join(from, one)))) {
    cpSync(path.join(from, name), path.join(stateDir, name));
    chmodSync(path.join(stateDir, name), 0o600);
  }
  return state;
}

/** SQL that has generations be as old as they were when they were recorded, as keys of Redis are; lists leave old ones out. */
function movedToNow({ recordedAt }: RecordedState): string {
  const moved = ['created_at', 'started_at', 'ended_at'].map((column) => `${column} = ${column} + (now() - '${recordedAt}')`);
  return `do $$ begin
    if to_regclass('public.generations') is not null then update public.generations set ${moved.join(', ')}; end if;
  end $$;`;
}
