import { createHistogram } from 'node:perf_hooks';
import type { Metrics } from '@darkroom/service-kit';

/** Milliseconds between samples. */
const intervalMs = 10;

const quantiles = [0.5, 0.99, 1] as const;

/**
 * Measures how late this thread's timers fire while images are being denoised.
 *
 * Kernels run in a worker thread precisely so that this stays small: a blocked loop would miss lock renewals and heartbeats.
 * The figures cover all denoising since the process started, and none of the time between, which would flatter them. (Node's
 * own monitorEventLoopDelay counts the pause as one long delay when it is enabled again.)
 */
export class EventLoopDelay {
  /** Delays in nanoseconds, plus one, since a histogram holds none below 1. */
  private readonly histogram = createHistogram();
  private timer: NodeJS.Timeout | undefined;
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
      this.start();
    }
    try {
      return await work();
    } finally {
      if (--this.running === 0) {
        clearInterval(this.timer);
      }
    }
  }

  /** Returns the delay in seconds that a share of all samples stayed within; 0 while there are none. */
  quantile(quantile: number): number {
    return this.histogram.count === 0 ? 0 : (this.histogram.percentile(quantile * 100) - 1) / 1e9;
  }

  private start(): void {
    let lastMs = performance.now();
    this.timer = setInterval(() => {
      const nowMs = performance.now();
      const delayMs = Math.max(0, nowMs - lastMs - intervalMs);
      lastMs = nowMs;
      this.histogram.record(Math.round(delayMs * 1e6) + 1);
    }, intervalMs);
  }
}
