import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { LocalError } from './config.js';

/** One running process, as `run.json` tells it. */
export interface RunningService {
  readonly name: string;
  /** Leader of the service's process group; absent while it waits for its restart. */
  readonly pid?: number;
  readonly restarts: number;
  readonly httpUrl?: string;
  readonly grpcAddress?: string;
}

/** What other commands need to know about the platform that runs in this state folder. */
export interface RunRecord {
  /** The launcher's process id, with its start time where the system tells it (ids are used again). */
  readonly launcher: { readonly pid: number; readonly identity: string };
  /** "generate" or another command that stops the platform when it's done; "start" for one that stays. */
  readonly startedBy: string;
  readonly ready: boolean;
  readonly gatewayUrl: string;
  readonly controlPlaneUrl: string;
  readonly redisUrl: string;
  readonly services: readonly RunningService[];
}

function runFile(stateDir: string): string {
  return path.join(stateDir, 'run.json');
}

/** Identifies a process beyond its id; undefined when there is no such process. */
export function processIdentity(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch {
    return undefined;
  }
  const stat = `/proc/${pid}/stat`;
  if (!existsSync(stat)) return `${pid}`;
  // Field 22, counted after the command's closing bracket, is the start time in clock ticks since boot.
  const ticks = readFileSync(stat, 'utf8').split(') ').at(-1)?.split(' ')[19];
  return `${pid}:${ticks}`;
}

/** Reads who runs the platform of a state folder; undefined when nobody does. */
export function readRunRecord(stateDir: string): RunRecord | undefined {
  let record: RunRecord;
  try {
    record = JSON.parse(readFileSync(runFile(stateDir), 'utf8')) as RunRecord;
  } catch {
    return undefined;
  }
  return processIdentity(record.launcher.pid) === record.launcher.identity ? record : undefined;
}

/** Replaces the record as a whole, so that no reader ever sees half of one. */
export function writeRunRecord(stateDir: string, record: RunRecord): void {
  const draft = `${runFile(stateDir)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, runFile(stateDir));
}

/** Removes the record and the claim of this process. */
export function releaseState(stateDir: string): void {
  rmSync(runFile(stateDir), { force: true });
  rmSync(path.join(stateDir, 'launcher.lock'), { force: true });
}

/**
 * Claims a state folder for this process; two platforms on one database and queue would harm each other.
 * @throws LocalError when a living process has it.
 */
export function claimState(stateDir: string): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const file = path.join(stateDir, 'launcher.lock');
  const identity = processIdentity(process.pid) ?? `${process.pid}`;
  for (;;) {
    try {
      const descriptor = openSync(file, 'wx', 0o600);
      writeSync(descriptor, identity);
      closeSync(descriptor);
      return;
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
      const owner = readFileSync(file, 'utf8');
      const pid = Number(owner.split(':')[0]);
      if (pid > 0 && processIdentity(pid) === owner) throw new LocalError(alreadyRunning(stateDir, pid), { cause });
      rmSync(file, { force: true });
    }
  }
}

function alreadyRunning(stateDir: string, pid: number): string {
  const record = readRunRecord(stateDir);
  const where = record === undefined ? '' : ` at ${record.gatewayUrl}`;
  return `Darkroom is already running${where} (process ${pid}, state in ${stateDir}). Stop it with Ctrl-C where it was started, or with: kill ${pid}`;
}
