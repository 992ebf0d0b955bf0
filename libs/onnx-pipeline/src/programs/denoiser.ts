/** Worker program: the transformer and the loop that steps images from noise to latents beside it. */
import { createScheduler, type Scheduler, SchedulerConfigError } from '@darkroom/flow-matching';
import type { Tensor } from '@darkroom/tensor';
import { StepBatch, type Transformer } from '../denoising/step-batch.js';
import { Trajectory, type TrajectoryOptions } from '../denoising/trajectory.js';
import type { LatentFormat, RgbImage, SizeLimits } from '../families/family.js';
import { familyOf } from '../families/registry.js';
import { checkImageSize } from '../image-size.js';
import { ModelFolder } from '../model-folder.js';
import { PipelineError } from '../pipeline-error.js';
import { runtimeVersion } from '../session/onnxruntime.js';
import { SelfTrimmingSession } from '../session/self-trimming-session.js';
import { type Call, serve } from '../worker/serve.js';
import type { StageOptions } from './stage-options.js';

/** One image to denoise. */
export interface DenoiseRequest extends TrajectoryOptions {
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  /** Whether each step's event carries a preview; costs a fraction of a millisecond. */
  readonly previews?: boolean;
}

/** Told after each step. */
export interface StepEvent {
  /** Steps made so far, from 1 to steps. */
  readonly step: number;
  readonly steps: number;
  readonly kernelMs: number;
  /** The estimated clean image, small; present when asked for. */
  readonly preview: RgbImage | undefined;
}

/** A denoised image. */
export interface DenoiseResult {
  /** float32 [1, channels, height, width], normalised. */
  readonly latents: Tensor<'float32'>;
  /** Milliseconds inside the transformer's kernels, over all steps. */
  readonly kernelMs: number;
  /** Milliseconds the whole loop took, kernels included. */
  readonly totalMs: number;
}

/** What the program found out while starting. */
export interface DenoiserReady {
  readonly sizes: SizeLimits;
  readonly scheduler: { readonly name: string; readonly shift: number };
  /** Version of ONNX Runtime. */
  readonly runtimeVersion: string;
}

/** What the program offers. */
export type DenoiserMethods = {
  denoise: { args: DenoiseRequest; result: DenoiseResult; event: StepEvent };
};

await serve<DenoiserMethods, StageOptions, DenoiserReady>(async ({ folderPath, ...sessionOptions }) => {
  const folder = await ModelFolder.open(folderPath);
  const family = familyOf(folder);
  const { inputs, outputs } = family.transformer;
  const [latentFormat, scheduler, session] = await Promise.all([
    family.openLatentFormat(folder),
    openScheduler(folder),
    SelfTrimmingSession.load(folder.graphPath('transformer'), sessionOptions),
  ]);
  session.expect('transformer', inputs, outputs);
  const transformer: Transformer = async (step) => {
    const result = await session.run(family.transformerInputs(step));
    return { velocities: result.outputs[outputs[0] as string] as Tensor, kernelMs: result.kernelMs };
  };
  return {
    ready: {
      sizes: latentFormat.sizes,
      scheduler: { name: scheduler.name, shift: scheduler.shift },
      runtimeVersion: await runtimeVersion(),
    },
    handlers: { denoise: (request, call) => denoise(request, call, { latentFormat, scheduler, transformer }) },
  };
});

interface Parts {
  readonly latentFormat: LatentFormat;
  readonly scheduler: Scheduler;
  readonly transformer: Transformer;
}

async function denoise(
  request: DenoiseRequest,
  call: Call<StepEvent>,
  { latentFormat, scheduler, transformer }: Parts,
): Promise<DenoiseResult> {
  const start = performance.now();
  const { width, height, steps, previews = false } = request;
  checkImageSize(width, height, latentFormat.sizes);
  const schedule = scheduler.schedule({ steps, imageTokens: latentFormat.tokens(width, height) });
  const trajectory = new Trajectory(scheduler.solver(schedule), latentFormat.shape(width, height), request);
  const batch = new StepBatch([trajectory]);
  let totalKernelMs = 0;
  while (!trajectory.isDone) {
    if (call.isCancelled()) {
      throw PipelineError.cancelled();
    }
    const kernelMs = await batch.advance(transformer);
    totalKernelMs += kernelMs;
    const { step } = trajectory;
    call.emit({ step, steps, kernelMs, preview: previews ? latentFormat.preview(trajectory.denoised()) : undefined });
  }
  const { latents } = trajectory;
  if (!latents.data.every(Number.isFinite)) {
    throw new PipelineError('internal', 'the transformer gave latents that are not finite');
  }
  call.transfer(latents.data.buffer);
  return { latents, kernelMs: totalKernelMs, totalMs: performance.now() - start };
}

async function openScheduler(folder: ModelFolder): Promise<Scheduler> {
  try {
    return createScheduler(await folder.readJson('scheduler/scheduler_config.json'));
  } catch (error) {
    throw error instanceof SchedulerConfigError ? PipelineError.modelDamaged(error.message, error) : error;
  }
}
