import { setTimeout as sleep } from 'node:timers/promises';
import { readRunRecord } from '@darkroom/local';

const POLL_MS = 20;
const PATIENCE_MS = 60_000;

/** Kills one service of a platform, which its launcher starts again. */
export class ServiceKiller {
  kills = 0;
  private readonly stateDir: string;
  private readonly name: string;
  private readonly signal: AbortSignal;
  private readonly before: () => void;
  private lastPid: number | undefined;

  /** @param before what is done right before it is killed. */
  constructor(stateDir: string, name: string, signal: AbortSignal, before: () => void = () => {}) {
    this.stateDir = stateDir;
    this.name = name;
    this.signal = signal;
    this.before = before;
  }

  /**
   * Waits until the process after the last one that was killed is there, or is ready.
   * @throws Error when that takes too long.
   */
  async next(until: 'started' | 'ready'): Promise<void> {
    for (const end = Date.now() + PATIENCE_MS; ; ) {
      const { pid, httpUrl } = this.service();
      if (pid !== undefined && pid !== this.lastPid && (until === 'started' || (await isReady(httpUrl)))) return;
      if (Date.now() > end) throw new Error(`no ${this.name} is ${until}`);
      await sleep(POLL_MS, undefined, { signal: this.signal });
    }
  }

  /** Kills it the hard way, with all that it started. */
  kill(): void {
    const { pid } = this.service();
    if (pid === undefined) throw new Error(`there is no ${this.name} to kill`);
    this.before();
    process.kill(-pid, 'SIGKILL');
    this.lastPid = pid;
    this.kills += 1;
  }

  private service(): { pid?: number; httpUrl?: string } {
    return readRunRecord(this.stateDir)?.services.find(({ name }) => name === this.name) ?? {};
  }
}

/** One without HTTP, such as Redis, is taken for ready when it runs. */
async function isReady(url: string | undefined): Promise<boolean> {
  if (url === undefined) return true;
  const answer = await fetch(`${url}/readyz`).catch(() => undefined);
  return answer?.ok === true;
}
