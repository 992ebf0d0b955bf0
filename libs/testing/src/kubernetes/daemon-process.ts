import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
const KEPT_CHARACTERS = 4_000;

/** A program that runs until it is stopped, and whose last words are told when it is not ready in time. */
export class DaemonProcess {
  private readonly program: string;
  private readonly args: readonly string[];
  private child: ChildProcess | undefined;
  private said = '';

  constructor(program: string, args: readonly string[]) {
    this.program = program;
    this.args = args;
  }

  /**
   * Starts it, and waits until it is ready.
   *
   * @throws {Error} Thrown with its last words when it ends, or is not ready within a minute.
   */
  async start(isReady: () => Promise<boolean> = async () => true): Promise<void> {
    const child = spawn(this.program, this.args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    this.said = '';
    child.stderr.on('data', (chunk) => {
      this.said = (this.said + chunk).slice(-KEPT_CHARACTERS);
    });
    child.once('error', (error) => {
      this.said += error.message;
    });
    const patience = Date.now() + PATIENCE_MS;
    while (!(await isReady().catch(() => false))) {
      if (this.hasEnded || child.pid === undefined) throw new Error(`${this.program} ended: ${this.said}`);
      if (Date.now() > patience) throw new Error(`${this.program} was not ready within a minute: ${this.said}`);
      await sleep(50);
    }
  }

  /** Kills it as a crash would. */
  async kill(): Promise<void> {
    if (this.child?.pid === undefined || this.hasEnded) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  private get hasEnded(): boolean {
    return this.child === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
