import { setTimeout as sleep } from 'node:timers/promises';
import { readRunRecord } from '@darkroom/local';

const POLL_MS = 20;
const PATIENCE_MS = 60_000;

/** Kills a platform's gateway, which its launcher starts again. */
export class GatewayKiller {
  kills = 0;
  private readonly stateDir: string;
  private readonly signal: AbortSignal;
  private lastPid: number | undefined;

  constructor(stateDir: string, signal: AbortSignal) {
    this.stateDir = stateDir;
    this.signal = signal;
  }

  /**
   * Waits until the gateway after the last one that was killed has a process, or is ready.
   * @throws Error when that takes too long.
   */
  async next(until: 'started' | 'ready'): Promise<void> {
    for (const end = Date.now() + PATIENCE_MS; ; ) {
      const { pid, httpUrl } = this.gateway();
      if (pid !== undefined && pid !== this.lastPid && (until === 'started' || (await isReady(httpUrl)))) return;
      if (Date.now() > end) throw new Error(`no gateway is ${until}`);
      await sleep(POLL_MS, undefined, { signal: this.signal });
    }
  }

  /** Kills it the hard way, with all that it started. */
  kill(): void {
    const { pid } = this.gateway();
    if (pid === undefined) throw new Error('there is no gateway to kill');
    process.kill(-pid, 'SIGKILL');
    this.lastPid = pid;
    this.kills += 1;
  }

  private gateway(): { pid?: number; httpUrl?: string } {
    return readRunRecord(this.stateDir)?.services.find(({ name }) => name === 'gateway') ?? {};
  }
}

async function isReady(url: string | undefined): Promise<boolean> {
  const answer = await fetch(`${url}/readyz`).catch(() => undefined);
  return answer?.ok === true;
}
