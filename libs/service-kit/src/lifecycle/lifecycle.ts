import { once } from 'node:events';

/** Longer than what has made its steps gets to be finished, and shorter than a service gets to stop. */
const OVERDUE_MS = 7_000;

/** Tells the parts of a service that it is about to stop. */
export class Lifecycle {
  private readonly controller = new AbortController();
  private readonly late = new AbortController();

  /** Aborts when the service begins to drain: take nothing new, finish or hand back what is in flight. */
  get draining(): AbortSignal {
    return this.controller.signal;
  }

  /** Aborts some seconds later: what is in flight waits for others no longer, so that the service ends in time though one never answers. */
  get overdue(): AbortSignal {
    return this.late.signal;
  }

  /** Waits for something to end, but no longer than until the service is overdue; for what goes on by itself elsewhere. */
  async inTime(work: Promise<unknown>): Promise<void> {
    if (!this.overdue.aborted) await Promise.race([work, once(this.overdue, 'abort')]);
  }

  /** Begins draining; called once by `startService` on SIGTERM, SIGINT or `stop()`. */
  drain(): void {
    this.controller.abort(new Error('the service is shutting down'));
    setTimeout(() => this.late.abort(new Error('the service does not wait any longer')), OVERDUE_MS).unref();
  }
}
