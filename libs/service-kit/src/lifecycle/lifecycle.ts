/** Tells the parts of a service that it is about to stop. */
export class Lifecycle {
  private readonly controller = new AbortController();

  /** Aborts when the service begins to drain: take nothing new, finish or hand back what is in flight. */
  get draining(): AbortSignal {
    return this.controller.signal;
  }

  /** Begins draining; called once by `startService` on SIGTERM, SIGINT or `stop()`. */
  drain(): void {
    this.controller.abort(new Error('the service is shutting down'));
  }
}
