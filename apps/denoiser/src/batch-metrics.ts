import type { BatchEvent } from '@darkroom/onnx-pipeline';
import type { Metrics } from '@darkroom/service-kit';

/** Metrics of the engine's passes of the transformer: how long, how full, and what lies between them. */
export class BatchMetrics {
  private readonly kernelSeconds;
  private readonly overheadSeconds;
  private readonly occupancy;
  private readonly waitSeconds;

  constructor(metrics: Metrics) {
    this.kernelSeconds = metrics.histogram({
      name: 'darkroom_step_kernel_seconds',
      help: "How long the transformer's kernels took for one step of a batch.",
    });
    this.overheadSeconds = metrics.histogram({
      name: 'darkroom_step_overhead_seconds',
      help: 'Time between the kernels of one step and the next while there was work.',
    });
    this.occupancy = metrics.histogram({
      name: 'darkroom_batch_occupancy_ratio',
      help: 'Rows that made a step together, of those that would have used the device best.',
      buckets: [0.125, 0.25, 0.5, 0.75, 1],
    });
    this.waitSeconds = metrics.histogram({
      name: 'darkroom_engine_wait_seconds',
      help: 'How long an image waited in the engine for its first step.',
    });
  }

  /** Enters one pass. */
  observe({ kernelMs, overheadMs, rows, bestRows, queueMs }: BatchEvent): void {
    this.kernelSeconds.observe(kernelMs / 1000);
    this.overheadSeconds.observe(overheadMs / 1000);
    this.occupancy.observe(Math.min(1, rows / bestRows));
    for (const waitedMs of queueMs) {
      this.waitSeconds.observe(waitedMs / 1000);
    }
  }
}
