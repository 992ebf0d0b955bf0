import type { Metrics } from '@darkroom/service-kit';

/** Times what runs inside a model's kernels, by model: the part of a service's time that no software around it can save. */
export class KernelMetrics {
  private readonly seconds;

  constructor(metrics: Metrics) {
    this.seconds = metrics.histogram({
      name: 'darkroom_kernel_seconds',
      help: "How long one request was inside the model's kernels, by model.",
      labelNames: ['model'],
    });
  }

  /** Enters one request's time, in milliseconds as the engine measures it. */
  observe(model: string, kernelMs: number): void {
    this.seconds.observe({ model }, kernelMs / 1000);
  }
}
