import { DarkroomError, type GenerationResult } from '@darkroom/contracts';
import { Lifecycle, Log } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';
import { GenerationJobs } from '../queue/generation-jobs.js';

/** How a client waits for a generation. */
export interface WaitOptions {
  /** Whether the generation goes on when the client hangs up. */
  readonly keepOnDisconnect: boolean;
  /** Aborts when the client hangs up. */
  readonly gone: AbortSignal;
}

/** The clients that wait for generations in this process; the last of one's to hang up cancels it. */
@Injectable()
export class Waiters {
  private readonly timeoutMs: number;
  private readonly jobs: GenerationJobs;
  private readonly lifecycle: Lifecycle;
  private readonly log: Log;
  /** Clients that wait, by generation: an Idempotency-Key may bring several to one. */
  private readonly counts = new Map<string, number>();

  constructor({ syncTimeoutSeconds }: Config, jobs: GenerationJobs, lifecycle: Lifecycle, log: Log) {
    this.timeoutMs = syncTimeoutSeconds * 1000;
    this.jobs = jobs;
    this.lifecycle = lifecycle;
    this.log = log;
  }

  /**
   * Waits until a generation has ended, and returns its result.
   *
   * @throws {DarkroomError} Thrown with what the generation ended of; with `unavailable` when the time is over or the service stops,
   *   and the generation goes on then; with `cancelled` when the client hangs up.
   */
  async wait(id: string, { keepOnDisconnect, gone }: WaitOptions): Promise<GenerationResult> {
    const { draining } = this.lifecycle;
    const over = AbortSignal.any([gone, draining, AbortSignal.timeout(this.timeoutMs)]);
    const state = await this.waiting(id, { keepOnDisconnect, gone }, () => this.jobs.ended(id, over));
    if (state?.result !== undefined) return state.result;
    if (state?.error !== undefined) throw state.error;
    if (gone.aborted && !draining.aborted) throw new DarkroomError({ code: 'cancelled', message: 'the client has gone' });
    throw new DarkroomError({
      code: 'unavailable',
      message: `the image is not ready yet; the generation goes on, fetch it with GET /v1/generations/${id}`,
      retryAfterSeconds: 5,
    });
  }

  /** Does work for a client that waits for a generation; one that hung up by its end cancels it, unless others wait. */
  async waiting<Result>(id: string, client: WaitOptions, work: () => Promise<Result>): Promise<Result> {
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1);
    try {
      return await work();
    } finally {
      this.leave(id);
      // A service that stops closes its connections itself: that is no client's wish.
      const hungUp = client.gone.aborted && !this.lifecycle.draining.aborted;
      if (hungUp && !client.keepOnDisconnect && !this.counts.has(id)) await this.cancel(id);
    }
  }

  private leave(id: string): void {
    const left = (this.counts.get(id) ?? 1) - 1;
    if (left === 0) this.counts.delete(id);
    else this.counts.set(id, left);
  }

  /** Cancels on behalf of a client that is no longer there to be told when it can't be done. */
  private async cancel(id: string): Promise<void> {
    await this.jobs.cancel(id, 'hung_up').catch((error: unknown) => {
      this.log.warn('the client has gone, but its generation could not be cancelled', { generationId: id, error });
    });
  }
}
