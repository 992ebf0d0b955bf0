import {
  endOfSchedule,
  needsGuidance,
  type SchedulerOverrides,
  type Solver,
  sigmaSpacings,
  solverNames,
} from '@darkroom/flow-matching';
import type { NamedTensors } from '@darkroom/tensor';
import type { TrajectoryOptions } from '../denoising/trajectory.js';
import { checkImageSize } from '../image-size.js';
import { PipelineError } from '../pipeline-error.js';
import { checkConditioning } from './conditioning.js';
import type { EngineModel } from './engine-model.js';
import { checkInitImage, type InitImage } from './init-image.js';

/** One image to denoise. All but what decides its bytes has a default. */
export interface DenoiseRequest extends TrajectoryOptions, InitImage {
  readonly width: number;
  readonly height: number;
  readonly steps: number;
  /** A solver instead of the model's own. */
  readonly solver?: SchedulerOverrides['solver'];
  /** A spacing of the sigmas instead of the model's own. */
  readonly sigmas?: SchedulerOverrides['spacing'];
  /** Names it in what {@link Denoiser.drain} hands back; random unless given. */
  readonly id?: string;
  /** Whose compute it uses: tenants get equal shares when there is not enough. */
  readonly tenant?: string;
  /** Larger is more urgent; 0 unless given. */
  readonly priority?: number;
  /** When the work is of no use any more, in milliseconds since 1970; never unless given. */
  readonly deadlineMs?: number | undefined;
  /** Steps between previews; none unless given. */
  readonly previewEvery?: number | undefined;
  /** Steps between checkpoints; none unless given. */
  readonly checkpointEvery?: number | undefined;
  /** A checkpoint of the same request, to go on from. */
  readonly resume?: Uint8Array | undefined;
}

/** The conditioning that decides the image: the negative one counts with guidance alone. */
export function conditioningRows({ guidanceScale, conditioning, negativeConditioning }: DenoiseRequest): readonly NamedTensors[] {
  return needsGuidance(guidanceScale) && negativeConditioning ? [negativeConditioning, conditioning] : [conditioning];
}

/**
 * Makes sure that the model can do what is asked.
 *
 * @throws PipelineError `invalid_argument` naming the parameter; "deadline" when it has passed.
 */
export function checkRequest(request: DenoiseRequest, model: EngineModel, nowMs: number): void {
  const { latentFormat, conditioningShapes, conditioningPadding } = model;
  const { width, height, steps, priority = 0, deadlineMs, guidanceScale, negativeConditioning, firstBlockCache = 0 } = request;
  checkImageSize(width, height, latentFormat.sizes);
  checkCount('steps', steps);
  checkCount('preview_every', request.previewEvery ?? 1);
  checkCount('checkpoint_every', request.checkpointEvery ?? 1);
  checkChoice('solver', request.solver, solverNames);
  checkChoice('sigmas', request.sigmas, sigmaSpacings);
  checkInitImage(request, latentFormat.shape(width, height));
  if (!Number.isFinite(guidanceScale) || (needsGuidance(guidanceScale) && negativeConditioning === undefined)) {
    throw PipelineError.invalidArgument(
      'guidance_scale',
      `guidance_scale ${guidanceScale} must be a number, and above 1 it needs the conditioning of a negative or empty prompt`,
    );
  }
  if (!Number.isFinite(firstBlockCache) || firstBlockCache < 0) {
    throw PipelineError.invalidArgument('first_block_cache', `first_block_cache must be at least 0, not ${firstBlockCache}`);
  }
  if (firstBlockCache > 0 && model.splitTransformer === undefined) {
    throw PipelineError.invalidArgument('first_block_cache', "this model's first block can't be cached");
  }
  if (!Number.isSafeInteger(priority)) {
    throw PipelineError.invalidArgument('priority', `priority must be a whole number, not ${priority}`);
  }
  if (deadlineMs !== undefined && !(deadlineMs > nowMs)) {
    throw PipelineError.invalidArgument('deadline', 'the deadline has passed already');
  }
  for (const row of conditioningRows(request)) {
    checkConditioning(row, conditioningShapes, conditioningPadding);
  }
}

function checkCount(param: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw PipelineError.invalidArgument(param, `${param} must be a whole number of at least 1, not ${value}`);
  }
}

function checkChoice(param: string, value: string | undefined, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value)) {
    throw PipelineError.invalidArgument(param, `${param} must be one of ${allowed.join(', ')}, not ${value}`);
  }
}

/**
 * Makes the solver that a request asks for, at the start of its schedule, or of the part that a picture to start from goes through.
 *
 * @throws PipelineError `invalid_argument` for "sigmas" that the model's noise levels don't allow.
 */
export function solverOf(
  { width, height, steps, solver, sigmas, strength = 1 }: DenoiseRequest,
  { latentFormat, scheduler }: EngineModel,
): Solver {
  const chosen = scheduler({ solver, spacing: sigmas });
  const schedule = chosen.schedule({ steps, imageTokens: latentFormat.tokens(width, height) });
  if (!schedule.sigmas.every(Number.isFinite)) {
    throw PipelineError.invalidArgument('sigmas', `${sigmas} sigmas can't space this model's noise levels in ${steps} steps`);
  }
  return chosen.solver(endOfSchedule(schedule, strength));
}
