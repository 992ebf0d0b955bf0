import { type SolverName, solverClassName } from '@darkroom/flow-matching';
import { KernelMetrics, modelOptions, ServedModels, translateErrors } from '@darkroom/model-serving';
import {
  type DenoiseOptions,
  type DenoiseRequest,
  type DenoiseResult,
  Denoiser,
  type MeasuredPass,
} from '@darkroom/onnx-pipeline';
import { Lifecycle, Log, Metrics, Readiness } from '@darkroom/service-kit';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { BatchMetrics } from './batch-metrics.js';
import { BatchOccupancy } from './batch-occupancy.js';
import { Config } from './config.js';
import { engineOptions } from './engine-options.js';
import { EventLoopDelay } from './event-loop-delay.js';
import { Intake } from './intake.js';

/** What of the model goes into receipts. */
export interface ModelFacts {
  readonly digest: string;
  readonly scheduler: { readonly name: string; readonly shift: number };
  readonly runtimeVersion: string;
  /** Provider and precision where they are not the usual ones, by the names they have in receipts. */
  readonly execution: Readonly<Record<string, string>>;
  /** What runs the transformer. */
  readonly provider: string;
}

/** This process's own stage: the model's transformer, in its worker thread, with its metrics. */
@Injectable()
export class TransformerStage implements OnModuleInit, OnApplicationShutdown {
  private readonly model: string;
  private readonly models: ServedModels<Denoiser>;
  private readonly kernels: KernelMetrics;
  private readonly eventLoopDelay: EventLoopDelay;
  private readonly occupancy = new BatchOccupancy();

  constructor(config: Config, intake: Intake, readiness: Readiness, lifecycle: Lifecycle, log: Log, metrics: Metrics) {
    const batchMetrics = new BatchMetrics(metrics);
    const engine = engineOptions(config);
    this.model = config.model;
    this.models = new ServedModels({
      modelsDir: config.modelsDir,
      models: [config.model],
      options: modelOptions(config),
      parts: Denoiser.parts,
      load: async (folder, options) => {
        const denoiser = await Denoiser.load(folder, { ...options, ...engine });
        denoiser.onBatch((event) => {
          batchMetrics.observe(event);
          this.occupancy.enter(event.rows, event.bestRows, performance.now());
        });
        return denoiser;
      },
      readiness,
      log,
    });
    // The same moment ends the taking of jobs: what is unfinished comes back to its askers with a last checkpoint.
    // A model that has only just been loaded may be closed before it answers.
    lifecycle.draining.addEventListener('abort', () => void this.drain().catch(() => undefined), { once: true });
    intake.add({ drain: () => this.drain(), resume: () => this.resume() });
    this.kernels = new KernelMetrics(metrics);
    this.eventLoopDelay = new EventLoopDelay(metrics);
  }

  /** Names the scheduler of a job's solver in receipts; the model's own where the job names none. */
  schedulerName(solver: string, { scheduler }: ModelFacts): string {
    return solver === '' ? scheduler.name : solverClassName(solver as SolverName);
  }

  /**
   * Waits until the model is loaded and tells what receipts say of it.
   *
   * @throws {DarkroomError} Thrown with `model_damaged` when it can't be.
   */
  async facts(): Promise<ModelFacts> {
    const { folder, stage } = await this.models.get(this.model);
    const { scheduler, runtimeVersion, execution } = stage;
    const { provider } = execution;
    return { digest: folder.digest, scheduler, runtimeVersion, execution: unusual(execution), provider };
  }

  /**
   * Denoises one image, in batches with whatever else runs, watching the event loop meanwhile.
   *
   * @throws {DarkroomError} Thrown with the engine's code; `cancelled` within one step of the signal, `unavailable` when the service
   *   is about to stop and the image is not done.
   */
  async denoise(request: DenoiseRequest, options: DenoiseOptions): Promise<DenoiseResult> {
    const { stage } = await this.models.get(this.model);
    const result = await this.eventLoopDelay.during(() => translateErrors(stage.denoise(request, options)));
    this.kernels.observe(this.model, result.kernelMs);
    return result;
  }

  /** What passes took, as measured so far; waits until the model is loaded. */
  async costs(): Promise<readonly MeasuredPass[]> {
    const { stage } = await this.models.get(this.model);
    return await translateErrors(stage.costs());
  }

  /** How full batches were lately, from 0 to 1; undefined when there were none. */
  batchOccupancy(): number | undefined {
    return this.occupancy.at(performance.now());
  }

  /** Stops at the next step and hands back what is unfinished; a model that never loaded has nothing. */
  private async drain(): Promise<void> {
    await this.models.get(this.model).then(
      ({ stage }) => stage.drain(),
      () => undefined,
    );
  }

  private async resume(): Promise<void> {
    await this.models.get(this.model).then(
      ({ stage }) => stage.resume(),
      () => undefined,
    );
  }

  async onModuleInit(): Promise<void> {
    await this.models.checkConfiguration();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.models.close();
  }
}

function unusual({ provider, precision }: Denoiser['execution']): Record<string, string> {
  return { ...(provider !== 'cpu' && { 'execution-provider': provider }), ...(precision !== 'fp32' && { precision }) };
}
