import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metrics } from '@darkroom/service-kit';

/** Milliseconds between samples; Node's figures include this wait, so it is taken off. */
const resolutionMs = 10;

const quantiles = [0.5, 0.99, 1] as const;

/**
 * Measures how late this thread's timers fire while images are being denoised.
 *
 * Kernels run in a worker thread precisely so that this stays small: a blocked loop would miss lock renewals and heartbeats.
 * The figures cover all denoising since the process started, and none of its idle time, which would flatter them.
 */
export class EventLoopDelay {
  private readonly histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  private running = 0;

  constructor(metrics: Metrics) {
    metrics.gauge({
      name: 'darkroom_event_loop_delay_seconds',
      help: 'How late timers fired during denoising, by quantile.',
      labelNames: ['quantile'],
      collect: (gauge) => {
        for (const quantile of quantiles) {
          gauge.set({ quantile }, this.quantile(quantile));
        }
      },
    });
  }

  /** Measures while the work runs. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.running++ === 0) {
      this.histogram.enable();
    }
    try {
      return await work();
    } finally {
      if (--this.running === 0) {
        this.histogram.disable();
      }
    }
  }

  /** Returns the delay in seconds that a share of all samples stayed within; 0 while there are none. */
  quantile(quantile: number): number {
    const nanoseconds = this.histogram.count === 0 ? 0 : this.histogram.percentile(quantile * 100);
    return Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
  }
}
