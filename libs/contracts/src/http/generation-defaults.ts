import type { z } from 'zod';
import { DarkroomError } from '../error/darkroom-error.js';
import { imageGenerationBody, parseImageGenerationRequest } from './image-generation-request.js';
import { pocketFamilyModel } from './parameters.js';
import { parseStrictly } from './parse-strictly.js';

/** Parameters of requests for images that a tenant can have defaults for: all but what is of one request alone. */
export const generationDefaults = imageGenerationBody
  .omit({ prompt: true, deadline: true, stream: true, partial_images: true })
  .partial();

/** A tenant's defaults, in the HTTP API's names. */
export type GenerationDefaults = z.output<typeof generationDefaults>;

/**
 * Checks a tenant's defaults as a request that gives nothing else would be checked.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` for the first that is unknown or out of range, with `param` `defaults.NAME`.
 */
export function parseGenerationDefaults(value: unknown): GenerationDefaults {
  try {
    const defaults = parseStrictly(generationDefaults, value);
    // Whether the model is served is not known here; the sizes that all families have in common are.
    const model = pocketFamilyModel(defaults.model ?? 'any', { defaultSteps: 1, defaultGuidanceScale: 1 });
    parseImageGenerationRequest({ ...defaults, prompt: 'any' }, [model]);
    return defaults;
  } catch (thrown) {
    const { code, message, param } = DarkroomError.from(thrown);
    const isOfOne = param !== undefined && param !== 'body';
    throw new DarkroomError({
      code,
      message: isOfOne ? `\`defaults\`: ${message}` : '`defaults` must be a JSON object of parameters of POST /v1/generations',
      param: isOfOne ? `defaults.${param}` : 'defaults',
      cause: thrown,
    });
  }
}

/** What a request gives instead of some defaults: beside it they would be an error that its client could not understand. */
const alternatives: Readonly<Record<string, string>> = {
  steps: 'quality',
  quality: 'steps',
  output_compression: 'output_format',
  user: 'safety_identifier',
};

/** Fills in a tenant's defaults where a request's body gives nothing, or null; only parameters that the body's schema has. */
export function withDefaults(body: unknown, defaults: GenerationDefaults, shape: object = imageGenerationBody.shape): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const given = body as Readonly<Record<string, unknown>>;
  const isGiven = (name: string) => (given[name] ?? null) !== null;
  const missing = Object.entries(defaults).filter(
    ([name]) => name in shape && !isGiven(name) && !isGiven(alternatives[name] ?? name),
  );
  return missing.length === 0 ? body : { ...given, ...Object.fromEntries(missing) };
}
