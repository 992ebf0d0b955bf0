import { KernelMetrics, ServedModels, translateErrors } from '@darkroom/model-serving';
import { type DenoiseOptions, type DenoiseRequest, type DenoiseResult, Denoiser } from '@darkroom/onnx-pipeline';
import { Log, Metrics, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { BatchMetrics } from './batch-metrics.js';
import { Config } from './config.js';
import { EventLoopDelay } from './event-loop-delay.js';

/** What of the model goes into receipts. */
export interface ModelFacts {
  readonly digest: string;
  readonly scheduler: { readonly name: string; readonly shift: number };
  readonly runtimeVersion: string;
}

/** This process's own stage: the model's transformer, in its worker thread, with its metrics. */
@Injectable()
export class TransformerStage implements OnApplicationShutdown {
  private readonly model: string;
  private readonly models: ServedModels<Denoiser>;
  private readonly kernels: KernelMetrics;
  private readonly eventLoopDelay: EventLoopDelay;

  constructor(config: Config, readiness: Readiness, log: Log, metrics: Metrics) {
    const batchMetrics = new BatchMetrics(metrics);
    this.model = config.model;
    this.models = new ServedModels({
      modelsDir: config.modelsDir,
      models: [config.model],
      threads: config.intraOpThreads,
      parts: Denoiser.parts,
      load: async (folder, options) => {
        const denoiser = await Denoiser.load(folder, options);
        denoiser.onBatch((event) => batchMetrics.observe(event));
        return denoiser;
      },
      readiness,
      log,
    });
    this.kernels = new KernelMetrics(metrics);
    this.eventLoopDelay = new EventLoopDelay(metrics);
  }

  /**
   * Waits until the model is loaded and tells what receipts say of it.
   *
   * @throws {DarkroomError} Thrown with `model_damaged` when it can't be.
   */
  async facts(): Promise<ModelFacts> {
    const { folder, stage } = await this.models.get(this.model);
    return { digest: folder.digest, scheduler: stage.scheduler, runtimeVersion: stage.runtimeVersion };
  }

  /**
   * Denoises one image, in batches with whatever else runs, watching the event loop meanwhile.
   *
   * @throws {DarkroomError} Thrown with the engine's code; `cancelled` within one step of the signal.
   */
  async denoise(request: DenoiseRequest, options: DenoiseOptions): Promise<DenoiseResult> {
    const { stage } = await this.models.get(this.model);
    const result = await this.eventLoopDelay.during(() => translateErrors(stage.denoise(request, options)));
    this.kernels.observe(this.model, result.kernelMs);
    return result;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.models.close();
  }
}
