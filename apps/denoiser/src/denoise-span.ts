import type { CheckpointEvent, DenoiseResult, ResumeEvent, StepEvent } from '@darkroom/onnx-pipeline';
import type { Span } from '@darkroom/service-kit';

/** Writes down in a span how an image was denoised: each step, where it was resumed, and what its checkpoints and padding took. */
export class DenoiseSpan {
  private readonly span: Span;
  private steps = 0;
  private rows = 0;
  private paddingMs = 0;
  private checkpointMs = 0;

  constructor(span: Span) {
    this.span = span;
  }

  step({ step, kernelMs, paddingMs, rows }: StepEvent): void {
    this.steps += 1;
    this.rows += rows;
    this.paddingMs += paddingMs;
    this.span.addEvent('step', { 'darkroom.step': step, 'darkroom.kernel_ms': kernelMs, 'darkroom.batch.rows': rows });
  }

  checkpoint({ step, encodeMs }: CheckpointEvent): void {
    this.checkpointMs += encodeMs;
    this.span.addEvent('checkpoint', { 'darkroom.step': step, 'darkroom.checkpoint_ms': encodeMs });
  }

  resume(event: ResumeEvent): void {
    if (event.resumed) this.span.addEvent('resume', { 'darkroom.step': event.step });
    else this.span.addEvent('restart', { 'darkroom.reason': event.refusal });
  }

  /** Adds up what the steps told. */
  end({ usage }: DenoiseResult): void {
    this.span.setAttributes({
      'darkroom.passes': usage.passes,
      'darkroom.engine_wait_ms': usage.queueMs,
      'darkroom.padding_ms': this.paddingMs,
      'darkroom.checkpoint_ms': this.checkpointMs,
      'darkroom.batch.mean_rows': this.steps === 0 ? 0 : this.rows / this.steps,
    });
  }
}
