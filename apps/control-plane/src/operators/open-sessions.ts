import { setTimeout as sleep } from 'node:timers/promises';
import { Lifecycle, Log } from '@darkroom/service-kit';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { OperatorRepository } from './operator.repository.js';
import { Sessions } from './sessions.js';

/** So often it is looked whether sessions have ended at another control plane, or by their age. */
const LOOK_MS = 15_000;

/**
 * Ends what a session keeps open, like a stream of events: at once when the session ends at this control plane, within seconds when it ends
 * at another, and also when it can't be known whether it goes on.
 */
@Injectable()
export class OpenSessions implements OnApplicationBootstrap {
  /** What is open of each session, by its secret. */
  private readonly open = new Map<string, Set<AbortController>>();
  private readonly sessions: Sessions;
  private readonly operators: OperatorRepository;
  private readonly stopping: AbortSignal;
  private readonly log: Log;

  constructor(sessions: Sessions, operators: OperatorRepository, lifecycle: Lifecycle, log: Log) {
    this.sessions = sessions;
    this.operators = operators;
    this.stopping = lifecycle.draining;
    this.log = log;
  }

  onApplicationBootstrap(): void {
    this.sessions.onEnd(() => void this.look());
    this.operators.onChange(() => void this.look());
    void this.run();
  }

  /**
   * Returns a signal that aborts when a session has ended.
   *
   * @param closed aborts when what is open was closed anyway.
   */
  watch(secret: string, closed: AbortSignal): AbortSignal {
    const ended = new AbortController();
    const all = this.open.get(secret) ?? new Set();
    this.open.set(secret, all.add(ended));
    closed.addEventListener(
      'abort',
      () => {
        all.delete(ended);
        if (all.size === 0 && this.open.get(secret) === all) this.open.delete(secret);
      },
      { once: true },
    );
    return ended.signal;
  }

  /** Ends what is open of sessions that have ended, by one question for all of them. */
  async look(): Promise<void> {
    const secrets = [...this.open.keys()];
    if (secrets.length === 0) return;
    const living = await this.sessions.living(secrets).catch((error: unknown) => {
      this.log.warn('it is not known which sessions go on; what they have open is ended', { error });
      return new Set<string>();
    });
    for (const secret of secrets) {
      if (living.has(secret)) continue;
      for (const ended of this.open.get(secret) ?? []) ended.abort();
      this.open.delete(secret);
    }
  }

  private async run(): Promise<void> {
    while (!this.stopping.aborted) {
      await sleep(LOOK_MS, undefined, { signal: this.stopping, ref: false }).catch(() => undefined);
      if (!this.stopping.aborted) await this.look();
    }
  }
}
