import type { BatchEvent } from '@darkroom/onnx-pipeline';
import type { Metrics } from '@darkroom/service-kit';

/** Metrics of the engine's passes of the transformer: how long, how full, and what lies between them. */
export class BatchMetrics {
  private readonly kernelSeconds;
  private readonly overheadSeconds;
  private readonly paddingSeconds;
  private readonly previewSeconds;
  private readonly checkpointSeconds;
  private readonly occupancy;
  private readonly rows;
  private readonly waitSeconds;
  private readonly waiting;
  private readonly reusedRows;

  constructor(metrics: Metrics) {
    this.kernelSeconds = metrics.histogram({
      name: 'darkroom_step_kernel_seconds',
      help: "How long the transformer's kernels took for one step of a batch.",
    });
    this.overheadSeconds = metrics.histogram({
      name: 'darkroom_step_overhead_seconds',
      help: 'Time between the kernels of one step and the next while there was work.',
    });
    this.paddingSeconds = metrics.counter({
      name: 'darkroom_step_padding_seconds_total',
      help: 'Kernel time that went into padding conditioning to a length that can be batched.',
    });
    this.previewSeconds = metrics.counter({
      name: 'darkroom_step_preview_seconds_total',
      help: 'Time of the step loop that went into estimates for previews.',
    });
    this.checkpointSeconds = metrics.counter({
      name: 'darkroom_step_checkpoint_seconds_total',
      help: 'Time of the step loop that went into making checkpoints.',
    });
    this.occupancy = metrics.histogram({
      name: 'darkroom_batch_occupancy_ratio',
      help: 'Rows that made a step together, of those that would have used the device best.',
      buckets: [0.125, 0.25, 0.5, 0.75, 1],
    });
    this.rows = metrics.histogram({
      name: 'darkroom_batch_rows_count',
      help: 'Rows that made a step together.',
      buckets: [1, 2, 4, 8, 16, 32, 64],
    });
    this.reusedRows = metrics.counter({
      name: 'darkroom_batch_reused_rows_total',
      help: 'Rows that reused what the blocks behind the first had given the step before.',
    });
    this.waitSeconds = metrics.histogram({
      name: 'darkroom_engine_wait_seconds',
      help: 'How long an image waited in the engine for its first step.',
    });
    this.waiting = metrics.gauge({
      name: 'darkroom_engine_waiting_count',
      help: 'Images in the engine that did not take part in the last step: waiting, or paused.',
    });
  }

  /** Enters one pass. */
  observe(pass: BatchEvent): void {
    this.kernelSeconds.observe(pass.kernelMs / 1000);
    this.overheadSeconds.observe(pass.overheadMs / 1000);
    this.paddingSeconds.inc(pass.paddingMs / 1000);
    this.previewSeconds.inc(pass.previewMs / 1000);
    this.checkpointSeconds.inc(pass.checkpointMs / 1000);
    this.occupancy.observe(Math.min(1, pass.rows / pass.bestRows));
    this.rows.observe(pass.rows);
    this.reusedRows.inc(pass.reusedRows);
    for (const waitedMs of pass.queueMs) {
      this.waitSeconds.observe(waitedMs / 1000);
    }
    this.waiting.set(pass.waiting);
  }
}
