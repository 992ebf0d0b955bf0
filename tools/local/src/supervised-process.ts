import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { LastWords } from './last-words.js';
import { LogFile } from './log-file.js';

const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;
/** Exit status by which a service says that its arguments or environment are wrong. */
const EXIT_CONFIG = 78;
/** A process that ran this long starts with the shortest backoff again. */
const HEALTHY_MS = 30_000;

/** How to run one process of the platform. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** How the process notices a dead launcher: an IPC channel (Node), or the closing of file descriptor 3. */
  readonly lifeline: 'ipc' | 'fd3';
}

/** What became of a process that should have gone on running. */
export interface Death {
  readonly name: string;
  /** "exit code 1" or "SIGKILL". */
  readonly how: string;
  readonly lastWords: readonly string[];
  /** Absent when a restart won't help. */
  readonly restartInMs?: number;
}

/** Tells whether a process group still has a member. */
function groupAlive(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone, which is what every caller wants.
  }
}

/** One child process in a process group of its own, restarted with backoff whenever it dies uninvited. */
export class SupervisedProcess {
  readonly spec: ProcessSpec;
  restarts = 0;
  readonly #onDeath: (death: Death) => void;
  readonly #onStart: () => void;
  readonly #log: LogFile;
  #child: ChildProcess | undefined;
  #backoffMs = FIRST_BACKOFF_MS;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(spec: ProcessSpec, onStart: () => void, onDeath: (death: Death) => void) {
    this.spec = spec;
    this.#onStart = onStart;
    this.#onDeath = onDeath;
    this.#log = new LogFile(spec.logFile);
  }

  /** Process id, which is its group's too; undefined while it waits for its restart. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const words = new LastWords();
    const startedAt = Date.now();
    const child = spawn(this.spec.command, this.spec.args, {
      cwd: this.spec.cwd,
      env: this.spec.env,
      // A group of its own: the terminal's Ctrl-C reaches the launcher alone, which then stops everything in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', this.spec.lifeline === 'ipc' ? 'ipc' : 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        words.add(text);
        this.#log.write(text);
      });
    }
    child.stdio[3]?.on('error', () => undefined);
    child.once('error', (error) => words.add(`${error.message}\n`));
    // What a killed group leader left behind must not hold its port, nor its pipes.
    child.once('exit', () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL'));
    child.once('close', (code, signal) => {
      this.#child = undefined;
      if (this.#stopping) return;
      if (code === EXIT_CONFIG) this.#onDeath({ name: this.spec.name, how: 'wrong configuration', lastWords: words.lines() });
      else this.#scheduleRestart(startedAt, signal ?? `exit code ${code ?? 'unknown'}`, words);
    });
    this.#onStart();
  }

  #scheduleRestart(startedAt: number, how: string, words: LastWords): void {
    if (Date.now() - startedAt > HEALTHY_MS) this.#backoffMs = FIRST_BACKOFF_MS;
    const restartInMs = this.#backoffMs;
    this.#backoffMs = Math.min(this.#backoffMs * 2, LONGEST_BACKOFF_MS);
    this.#onDeath({ name: this.spec.name, how, lastWords: words.lines(), restartInMs });
    this.#timer = setTimeout(() => {
      this.restarts += 1;
      this.start();
    }, restartInMs);
  }

  /** Asks the process to end, and kills it when it hasn't within the grace period. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const pid = this.#child?.pid;
    if (pid !== undefined) {
      signalGroup(pid, 'SIGTERM');
      const deadline = Date.now() + graceMs;
      while (groupAlive(pid) && Date.now() < deadline) await sleep(20);
      signalGroup(pid, 'SIGKILL');
      // Gone for good only once it's reaped and its output read.
      while (this.#child !== undefined && Date.now() < deadline + 2000) await sleep(10);
    }
    this.#log.close();
  }
}
