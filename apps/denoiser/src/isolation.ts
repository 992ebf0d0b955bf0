/** Runs work side by side, except for work that must have the process to itself. */
export class Isolation {
  private readonly together = new Set<Promise<unknown>>();
  /** Settles when the last work that is alone, or is going to be, has ended; undefined when there is none. */
  private alone: Promise<unknown> | undefined;

  /** Runs work in the company of other such work, once nothing is or is going to be alone. */
  async runTogether<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.alone !== undefined) await this.alone;
    const running = work();
    const settled = running.catch(() => undefined).finally(() => this.together.delete(settled));
    this.together.add(settled);
    return await running;
  }

  /** Runs work when all that was asked for before has ended; what is asked for later waits for its end. */
  async runAlone<Result>(work: () => Promise<Result>): Promise<Result> {
    const running = Promise.all([this.alone, ...this.together]).then(work);
    const alone = running
      .catch(() => undefined)
      .then(() => {
        if (this.alone === alone) this.alone = undefined;
      });
    this.alone = alone;
    return await running;
  }
}
