import { z } from 'zod';
import { DarkroomError } from '../error/darkroom-error.js';
import {
  backgrounds,
  defaultImageCount,
  type ModerationLevel,
  maxDeadlineAheadMs,
  maxPromptTokens,
  maxUserLength,
  moderationLevels,
  type OutputFormat,
  outputFormats,
  type Priority,
  priorities,
  type Quality,
  qualities,
  type ResponseFormat,
  ranges,
  responseFormats,
  type ServedModel,
  type SigmasParameter,
  type SolverParameter,
  sigmas,
  solvers,
} from './parameters.js';
import { parseStrictly } from './parse-strictly.js';
import { stepsOfQuality } from './quality.js';
import { parseSize, type Size, sizePattern } from './size.js';

/** A request for images, checked and with every default filled in, in the platform's own names. */
export interface ImageGenerationRequest {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly model: ServedModel;
  readonly imageCount: number;
  readonly width: number;
  readonly height: number;
  readonly responseFormat: ResponseFormat;
  readonly outputFormat: OutputFormat;
  /** Quality of JPEG and WebP, 1 to 100; absent for the platform's own. */
  readonly outputCompression: number | undefined;
  /** Absent when the client leaves the choice to the platform. */
  readonly seed: number | undefined;
  readonly steps: number;
  /** What decided on the steps, if the client did not: `auto` is the model's own number. */
  readonly quality: Quality | undefined;
  readonly guidanceScale: number;
  /** Absent for the model's own, as are the sigmas. */
  readonly solver: SolverParameter | undefined;
  readonly sigmas: SigmasParameter | undefined;
  /** Larger is more urgent; 0 is normal. */
  readonly priority: number;
  /** Unix milliseconds after which the images are of no use; absent for never. */
  readonly deadlineAtMs: number | undefined;
  /** Whether the generation goes on when its client hangs up; absent when the client leaves it to the platform. */
  readonly keepOnDisconnect: boolean | undefined;
  /** Relative change of the first block's output up to which a step reuses the rest of the step before; 0 for never. */
  readonly firstBlockCacheThreshold: number;
  /** Whether the answer is a stream of events. */
  readonly streams: boolean;
  /** Pictures to show of each image while it develops. */
  readonly partialImages: number;
  readonly moderation: ModerationLevel;
  /** The client's own name for its user. */
  readonly user: string | undefined;
  /** Of an edit: the share of the noise levels that its picture goes through, above 0 up to 1; 0 where no picture is edited. */
  readonly strength: number;
}

const promptMessage = `\`prompt\` must be a text of 1 to ${maxPromptTokens.toLocaleString('en')} tokens`;
const deadlineMessage =
  '`deadline` must be a date and time of RFC 3339 with its offset, like "2026-11-24T18:00:00Z", in the future and at most ' +
  `${maxDeadlineAheadMs / 3_600_000} hours ahead`;
const negativePromptMessage = `\`negative_prompt\` must be a text of at most ${maxPromptTokens.toLocaleString('en')} tokens`;

/**
 * Body of `POST /v1/images/generations`: OpenAI's parameters that the platform has, and its own.
 *
 * As in OpenAI's API, null means "not given". Sizes are checked against the model afterwards, and tokens are counted by the
 * model's tokenizer.
 */
export const imageGenerationBody = z
  .strictObject({
    prompt: text(promptMessage)
      .refine((value) => value.trim() !== '', promptMessage)
      .meta({
        description: `What to draw: 1 to ${maxPromptTokens.toLocaleString('en')} tokens, and not only spaces.`,
        examples: ['a red apple on a blue background'],
        pattern: '\\S',
      }),
    model: z
      .string('`model` must be the name of a served model')
      .nullish()
      .meta({
        description: 'A name of `GET /v1/models`; the first one served when left out.',
        examples: ['pocket'],
      }),
    n: whole('n').nullish().meta({
      description: 'How many images, image i drawn from `seed` + i.',
      default: defaultImageCount,
    }),
    size: z
      .string('`size` must be "WIDTHxHEIGHT" or "auto"')
      .nullish()
      .meta({
        description: "Width and height in pixels, within what `GET /v1/models` tells of the model; `auto` is the model's own.",
        default: 'auto',
        pattern: sizePattern.source,
        examples: ['256x256', 'auto'],
      }),
    response_format: z.enum(responseFormats, oneOf('response_format', responseFormats)).nullish().meta({
      description: 'The bytes in base64, or signed addresses that expire.',
      default: 'b64_json',
    }),
    output_format: z.enum(outputFormats, oneOf('output_format', outputFormats)).nullish().meta({
      description: 'How the images are encoded.',
      default: 'png',
    }),
    seed: whole('seed').nullish().meta({
      description: 'The same seed makes the same bytes; drawn, and told in the receipt, when left out.',
    }),
    steps: whole('steps').nullish().meta({ description: "Steps from noise to image; the model's own when left out." }),
    guidance_scale: number('guidance_scale').nullish().meta({
      description: "How closely to follow the prompt, where up to 1 is without guidance; the model's own when left out.",
    }),
    negative_prompt: text(negativePromptMessage).nullish().meta({
      description: 'What to keep away from; only with guidance.',
      default: '',
    }),
    solver: z.enum(solvers, oneOf('solver', solvers)).nullish().meta({
      description: "The method that steps from noise to image; the model's own when left out.",
    }),
    sigmas: z.enum(sigmas, oneOf('sigmas', sigmas)).nullish().meta({
      description: "How the noise levels are spaced; the model's own when left out.",
    }),
    priority: z.enum(priorities, oneOf('priority', priorities)).nullish().meta({
      description: "Who goes first, within a tenant's fair share.",
      default: 'normal',
    }),
    deadline: z.iso.datetime({ offset: true, error: deadlineMessage }).nullish().meta({
      description: 'A date and time of RFC 3339 with its offset, at most 24 hours ahead; what is not done by then fails.',
    }),
    keep_on_disconnect: z.boolean('`keep_on_disconnect` must be true or false').nullish().meta({
      description: 'Whether it goes on when its client hangs up: `true` with an `Idempotency-Key`, else `false`, when left out.',
    }),
    first_block_cache: number('first_block_cache').nullish().meta({
      description: "Relative change of the first block's output up to which a step reuses the rest of the step before; 0 is off.",
      default: 0,
    }),
    stream: z.boolean('`stream` must be true or false').nullish().meta({
      description: 'Whether the answer is a stream of server-sent events; `POST /v1/images/generations` alone.',
      default: false,
    }),
    partial_images: whole('partial_images').nullish().meta({
      description: 'Pictures to show of each image while it develops; needs `stream`, or `POST /v1/generations`.',
      default: 0,
    }),
    quality: z.enum(qualities, oneOf('quality', qualities)).nullish().meta({
      description:
        "How many steps, relative to the model's own number of them: half for `low`, twice for `high` and `hd`. Not together with `steps`.",
      default: 'auto',
    }),
    output_compression: whole('output_compression').nullish().meta({
      description: 'Quality of `jpeg` and `webp`: the larger, the finer; 0 is taken as 1.',
      default: 92,
    }),
    moderation: z.enum(moderationLevels, oneOf('moderation', moderationLevels)).nullish().meta({
      description:
        'How strictly prompts are judged: `low` lets graphic scenes pass that `auto` refuses, unless the prompt speaks of children or a picture is edited. Everything else, and all pictures, are judged alike.',
      default: 'auto',
    }),
    background: z
      .enum(backgrounds, `${oneOf('background', backgrounds)}: no model draws transparency`)
      .nullish()
      .meta({ description: 'Always opaque.', default: 'auto' }),
    user: userName('user').nullish().meta({
      description: "The client's own name for its user, kept with the generation.",
    }),
    safety_identifier: userName('safety_identifier').nullish().meta({
      description: "OpenAI's newer name of `user`; it goes first where both are given.",
    }),
  })
  .meta({ id: 'ImageGenerationRequest' });

/** What to do instead of using some of OpenAI's parameters that no model here has. */
export const hints = { style: 'describe the style in `prompt`' };

/** Body of `POST /v1/images/generations` as a client writes it. */
export type ImageGenerationBody = z.input<typeof imageGenerationBody>;

/**
 * Checks a request for images and fills in its defaults; the first served model is the default one.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when a parameter is unknown or out of range, or with `not_found` when
 *   the model isn't served; it names the parameter and what is allowed.
 */
export function parseImageGenerationRequest(
  body: unknown,
  models: readonly ServedModel[],
  nowMs = Date.now(),
): ImageGenerationRequest {
  const given = parseStrictly(imageGenerationBody, body, hints);
  return completeRequest(given, models, (model) => model.defaultSize, nowMs);
}

/**
 * Fills in the defaults of what was parsed.
 *
 * @param autoSize what `size: "auto"` means of a model.
 * @throws {DarkroomError} Thrown as {@link parseImageGenerationRequest} says.
 */
export function completeRequest(
  given: z.output<typeof imageGenerationBody>,
  models: readonly ServedModel[],
  autoSize: (model: ServedModel) => Size,
  nowMs: number,
): ImageGenerationRequest {
  const model = findModel(given.model ?? undefined, models);
  const { width, height } = parseSize(given.size ?? 'auto', model, autoSize(model));
  const outputFormat = given.output_format ?? 'png';
  return {
    prompt: given.prompt,
    negativePrompt: given.negative_prompt ?? '',
    model,
    imageCount: given.n ?? defaultImageCount,
    width,
    height,
    responseFormat: given.response_format ?? 'b64_json',
    outputFormat,
    outputCompression: parseCompression(given.output_compression ?? undefined, outputFormat),
    seed: given.seed ?? undefined,
    ...parseSteps(given.steps ?? undefined, given.quality ?? undefined, model),
    guidanceScale: given.guidance_scale ?? model.defaultGuidanceScale,
    solver: given.solver ?? undefined,
    sigmas: given.sigmas ?? undefined,
    priority: levels[given.priority ?? 'normal'],
    deadlineAtMs: parseDeadline(given.deadline ?? undefined, nowMs),
    keepOnDisconnect: given.keep_on_disconnect ?? undefined,
    firstBlockCacheThreshold: given.first_block_cache ?? 0,
    streams: given.stream ?? false,
    partialImages: given.partial_images ?? 0,
    moderation: given.moderation ?? 'auto',
    user: given.safety_identifier ?? given.user ?? undefined,
    strength: 0,
  };
}

/** Makes the error for a prompt that its model's tokenizer finds too long. */
export function tooManyTokens(param: 'prompt' | 'negative_prompt', tokenCount: number): DarkroomError {
  return new DarkroomError({
    code: 'invalid_argument',
    message: `${param === 'prompt' ? promptMessage : negativePromptMessage}; this one has ${tokenCount.toLocaleString('en')}`,
    param,
  });
}

function findModel(id: string | undefined, models: readonly ServedModel[]): ServedModel {
  const found = id === undefined ? models[0] : models.find((model) => model.id === id);
  if (found !== undefined) return found;
  const served = models.map((model) => `"${model.id}"`).join(', ');
  if (served === '')
    throw new DarkroomError({ code: 'unavailable', message: 'no model is served at the moment', retryAfterSeconds: 5 });
  throw new DarkroomError({
    code: 'not_found',
    message: `\`model\` must be one of the served models: ${served}`,
    param: 'model',
  });
}

function parseSteps(steps: number | undefined, quality: Quality | undefined, model: ServedModel) {
  if (steps === undefined) return { steps: stepsOfQuality(quality ?? 'auto', model), quality: quality ?? 'auto' };
  if (quality === undefined) return { steps, quality };
  throw new DarkroomError({
    code: 'invalid_argument',
    message: '`quality` decides on the number of steps: leave either it or `steps` out',
    param: 'quality',
  });
}

function parseCompression(compression: number | undefined, format: OutputFormat): number | undefined {
  if (compression === undefined) return undefined;
  // The encoders' scale begins at 1.
  if (format !== 'png') return Math.max(1, compression);
  throw new DarkroomError({
    code: 'invalid_argument',
    message: '`output_compression` needs `output_format` to be "jpeg" or "webp": PNG loses nothing',
    param: 'output_compression',
  });
}

const levels: Record<Priority, number> = { low: -1, normal: 0, high: 1 };

function parseDeadline(deadline: string | undefined, nowMs: number): number | undefined {
  if (deadline === undefined) return undefined;
  const atMs = Date.parse(deadline);
  if (atMs > nowMs && atMs <= nowMs + maxDeadlineAheadMs) return atMs;
  throw new DarkroomError({ code: 'invalid_argument', message: deadlineMessage, param: 'deadline' });
}

function text(message: string) {
  // A lone surrogate has no UTF-8, so the encoder would see another text than the client sent.
  return z.string(message).refine((value) => value.isWellFormed(), `${message}, in well-formed Unicode`);
}

function userName(name: 'user' | 'safety_identifier') {
  const message = `\`${name}\` must be a text of 1 to ${maxUserLength} characters`;
  return text(message).min(1, message).max(maxUserLength, message);
}

function whole(name: 'n' | 'seed' | 'steps' | 'partial_images' | 'output_compression') {
  const { min, max } = ranges[name];
  const message = `\`${name}\` must be a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message);
}

/** Makes the schema of a number within its range. */
export function number(name: 'guidance_scale' | 'first_block_cache' | 'strength') {
  const { min, max } = ranges[name];
  const message = `\`${name}\` must be a number from ${min} to ${max}`;
  return z.number(message).min(min, message).max(max, message);
}

function oneOf(name: string, values: readonly string[]): string {
  return `\`${name}\` must be one of ${values.map((value) => `"${value}"`).join(', ')}`;
}
