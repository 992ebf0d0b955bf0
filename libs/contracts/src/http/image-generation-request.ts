import { z } from 'zod';
import { DarkroomError } from '../error/darkroom-error.js';
import {
  defaultImageCount,
  maxPromptTokens,
  type OutputFormat,
  outputFormats,
  type ResponseFormat,
  ranges,
  responseFormats,
  type ServedModel,
} from './parameters.js';
import { parseSize } from './size.js';

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
  /** Absent when the client leaves the choice to the platform. */
  readonly seed: number | undefined;
  readonly steps: number;
  readonly guidanceScale: number;
}

const promptMessage = `\`prompt\` must be a text of 1 to ${maxPromptTokens.toLocaleString('en')} tokens`;
const negativePromptMessage = `\`negative_prompt\` must be a text of at most ${maxPromptTokens.toLocaleString('en')} tokens`;

/**
 * Body of `POST /v1/images/generations`: OpenAI's parameters that the platform has, and its own.
 *
 * As in OpenAI's API, null means "not given". Sizes are checked against the model afterwards, and tokens are counted by the
 * model's tokenizer.
 */
export const imageGenerationBody = z.strictObject({
  prompt: text(promptMessage).refine((value) => value.trim() !== '', promptMessage),
  model: z.string('`model` must be the name of a served model').nullish(),
  n: whole('n').nullish(),
  size: z.string('`size` must be "WIDTHxHEIGHT" or "auto"').nullish(),
  response_format: z.enum(responseFormats, oneOf('response_format', responseFormats)).nullish(),
  output_format: z.enum(outputFormats, oneOf('output_format', outputFormats)).nullish(),
  seed: whole('seed').nullish(),
  steps: whole('steps').nullish(),
  guidance_scale: number('guidance_scale').nullish(),
  negative_prompt: text(negativePromptMessage).nullish(),
});

/** Body of `POST /v1/images/generations` as a client writes it. */
export type ImageGenerationBody = z.input<typeof imageGenerationBody>;

/**
 * Checks a request for images and fills in its defaults; the first served model is the default one.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when a parameter is unknown or out of range, or with `not_found` when
 *   the model isn't served; it names the parameter and what is allowed.
 */
export function parseImageGenerationRequest(body: unknown, models: readonly ServedModel[]): ImageGenerationRequest {
  const parsed = imageGenerationBody.safeParse(body);
  if (!parsed.success) throw invalid(parsed.error, body);
  const given = parsed.data;
  const model = findModel(given.model ?? undefined, models);
  const { width, height } = parseSize(given.size ?? 'auto', model);
  return {
    prompt: given.prompt,
    negativePrompt: given.negative_prompt ?? '',
    model,
    imageCount: given.n ?? defaultImageCount,
    width,
    height,
    responseFormat: given.response_format ?? 'b64_json',
    outputFormat: given.output_format ?? 'png',
    seed: given.seed ?? undefined,
    steps: given.steps ?? model.defaultSteps,
    guidanceScale: given.guidance_scale ?? model.defaultGuidanceScale,
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

function text(message: string) {
  // A lone surrogate has no UTF-8, so the encoder would see another text than the client sent.
  return z.string(message).refine((value) => value.isWellFormed(), `${message}, in well-formed Unicode`);
}

function whole(name: 'n' | 'seed' | 'steps') {
  const { min, max } = ranges[name];
  const message = `\`${name}\` must be a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message);
}

function number(name: 'guidance_scale') {
  const { min, max } = ranges[name];
  const message = `\`${name}\` must be a number from ${min} to ${max}`;
  return z.number(message).min(min, message).max(max, message);
}

function oneOf(name: string, values: readonly string[]): string {
  return `\`${name}\` must be one of ${values.map((value) => `"${value}"`).join(', ')}`;
}

/** Says what is wrong with a body: the first thing only, since a client mends one at a time. */
function invalid(error: z.ZodError, body: unknown): DarkroomError {
  const issue = error.issues.find(({ code }) => code === 'unrecognized_keys') ?? error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    const [param] = issue.keys;
    const known = Object.keys(imageGenerationBody.shape).map((key) => `\`${key}\``);
    const shown = (param ?? '').slice(0, 64);
    return new DarkroomError({
      code: 'invalid_argument',
      message: `\`${shown}\` is not supported; leave it out. Supported: ${known.join(', ')}`,
      param: shown,
    });
  }
  const [param] = issue?.path ?? [];
  if (issue === undefined || param === undefined) {
    return new DarkroomError({ code: 'invalid_argument', message: 'the request body must be a JSON object', param: 'body' });
  }
  const isMissing = typeof body === 'object' && body !== null && !(String(param) in body);
  return new DarkroomError({
    code: 'invalid_argument',
    message: isMissing ? `${issue.message}; it is missing` : issue.message,
    param: String(param),
  });
}
