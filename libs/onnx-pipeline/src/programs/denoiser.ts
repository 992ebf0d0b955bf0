/** Worker program: the transformer, and beside it the engine that steps images from noise to latents. */
import { createScheduler, SchedulerConfigError, type SchedulerOverrides } from '@darkroom/flow-matching';
import type { Tensor } from '@darkroom/tensor';
import type { Transformer } from '../denoising/step-batch.js';
import { checkPadding } from '../engine/conditioning-padding.js';
import { CostModel, type MeasuredPass } from '../engine/cost-model.js';
import type { DenoiseRequest } from '../engine/denoise-request.js';
import type { EngineModel } from '../engine/engine-model.js';
import type { BatchEvent, GenerationEvent, HandedBack } from '../engine/events.js';
import { type DenoiseResult, StepEngine } from '../engine/step-engine.js';
import { type ImageSize, warmUp } from '../engine/warm-up.js';
import type { SizeLimits } from '../families/family.js';
import { familyOf } from '../families/registry.js';
import { checkImageSize } from '../image-size.js';
import { ModelFolder, type Precision } from '../model-folder.js';
import { PipelineError } from '../pipeline-error.js';
import type { ExecutionProvider } from '../session/execution-provider.js';
import { runtimeVersion } from '../session/onnxruntime.js';
import { SelfTrimmingSession } from '../session/self-trimming-session.js';
import { SplitTransformerSessions } from '../session/split-transformer-sessions.js';
import { type Call, serve } from '../worker/serve.js';
import type { StageOptions } from './stage-options.js';

/** How the engine batches and shares the device; everything has a default. */
export interface EngineOptions {
  /** Generations that may be under way at once, paused ones included; others wait. */
  readonly maxActive?: number;
  /** Compute that one tenant may be ahead of another before it has to wait, in milliseconds. */
  readonly fairnessSlackMs?: number;
  /** Bytes that activations may take. */
  readonly memoryLimitBytes?: number | undefined;
  /** Rows that a batch has at most, instead of the number that gives the best throughput as measured. */
  readonly batchRows?: number | undefined;
  /** Sizes whose passes are measured at start, besides the smallest one; each takes up to two seconds. */
  readonly warmUpSizes?: readonly ImageSize[];
  /**
   * Makes one generation a pass. Without it, the warm-up finds out whether the provider's kernels give the same bits in any batch, and
   * only where they don't is it so.
   */
  readonly deterministic?: boolean;
}

/** What the program needs to start. */
export interface DenoiserProgramOptions extends StageOptions, EngineOptions {
  /** What checkpoints name the model by. */
  readonly digest: string;
}

/** What the program found out while starting. */
export interface DenoiserReady {
  readonly sizes: SizeLimits;
  readonly scheduler: { readonly name: string; readonly shift: number };
  /** Whether only one generation makes a pass, because it was asked for or because batches change bits here. */
  readonly deterministic: boolean;
  /** Version of ONNX Runtime. */
  readonly runtimeVersion: string;
  /** What runs the transformer, and which of the model's graphs. */
  readonly execution: { readonly provider: ExecutionProvider; readonly precision: Precision };
}

/** What the program offers. */
export type DenoiserMethods = {
  denoise: { args: DenoiseRequest; result: DenoiseResult; event: GenerationEvent };
  drain: { args: undefined; result: readonly HandedBack[]; event: never };
  resume: { args: undefined; result: undefined; event: never };
  costs: { args: undefined; result: readonly MeasuredPass[]; event: never };
  /** Tells of each pass until it is cancelled. */
  watch: { args: undefined; result: undefined; event: BatchEvent };
};

await serve<DenoiserMethods, DenoiserProgramOptions, DenoiserReady>(async (options) => {
  const { folderPath, digest, maxActive = 64, fairnessSlackMs = 1000, warmUpSizes = [] } = options;
  const { provider = 'cpu', precision = 'fp32' } = options;
  const folder = await ModelFolder.open(folderPath);
  const model = await openModel(folder, digest, options);
  const { sizes } = model.latentFormat;
  for (const size of warmUpSizes) checkWarmUpSize(size, sizes);
  const costs = new CostModel(options);
  const invariant = await warmUp(model, costs, [{ width: sizes.minSide, height: sizes.minSide }, ...warmUpSizes]);
  const deterministic = options.deterministic || !invariant;
  const engine = new StepEngine(model, costs, { maxActive, fairnessSlackMs, ...(deterministic && { maxTogether: 1 }) });
  const { name, shift } = model.scheduler({});
  return {
    ready: {
      sizes,
      scheduler: { name, shift },
      deterministic,
      runtimeVersion: await runtimeVersion(),
      execution: { provider, precision },
    },
    handlers: {
      denoise: async (request, call) => {
        if (request.firstBlockCache) {
          // Not within a pass, whose growth in memory would be taken for the activations'.
          await model.splitTransformer?.open();
        }
        const result = await engine.denoise(request, call);
        call.transfer(result.latents.data.buffer);
        return result;
      },
      drain: () => engine.drain(),
      resume: () => {
        engine.resume();
        return undefined;
      },
      costs: () => costs.table,
      watch: (_, call) => watch(engine, call),
    },
  };
});

/** A model of whose split transformer the sessions are loaded once a request needs them. */
interface OpenedModel extends EngineModel {
  readonly splitTransformer: SplitTransformerSessions | undefined;
}

async function openModel(folder: ModelFolder, digest: string, options: StageOptions): Promise<OpenedModel> {
  const family = familyOf(folder);
  const { inputs, outputs } = family.transformer;
  const [latentFormat, schedulerConfig, session] = await Promise.all([
    family.openLatentFormat(folder),
    folder.readJson('scheduler/scheduler_config.json'),
    SelfTrimmingSession.load(folder.graphPath('transformer', options.precision), options),
  ]);
  session.expect('transformer', inputs, outputs);
  const transformer: Transformer = async (step) => {
    const result = await session.run(family.transformerInputs(step));
    return { velocities: result.outputs[outputs[0] as string] as Tensor, kernelMs: result.kernelMs };
  };
  // The transformer attends to what the text encoder gives, under the same names.
  const shapes = family.textEncoder.outputs.map((name) => [name, session.inputShapes[name] ?? []] as const);
  const { conditioningPadding } = family;
  if (conditioningPadding) {
    checkPadding(conditioningPadding, session.inputShapes);
  }
  const scheduler = (overrides: SchedulerOverrides) => createScheduler(schedulerConfig, overrides);
  try {
    scheduler({});
  } catch (error) {
    throw error instanceof SchedulerConfigError ? PipelineError.modelDamaged(error.message, error) : error;
  }
  const splitTransformer = family.openBlockBoundaries && new SplitTransformerSessions(folder, family, options);
  const conditioningShapes = Object.fromEntries(shapes);
  return { digest, latentFormat, conditioningShapes, conditioningPadding, transformer, splitTransformer, scheduler };
}

/** Makes sure before any pass that the model makes images of a size that is to be measured. */
function checkWarmUpSize({ width, height }: ImageSize, sizes: SizeLimits): void {
  try {
    checkImageSize(width, height, sizes);
  } catch (error) {
    throw PipelineError.invalidArgument('warm_up_sizes', `warm-up ${PipelineError.from(error).message}`);
  }
}

function watch(engine: StepEngine, call: Call<BatchEvent>): Promise<undefined> {
  return new Promise((resolve) => {
    const stop = engine.onBatch((event) => {
      if (!call.isCancelled()) {
        call.emit(event);
        return;
      }
      stop();
      resolve(undefined);
    });
  });
}
