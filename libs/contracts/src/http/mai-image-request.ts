import { z } from 'zod';
import { DarkroomError } from '../error/darkroom-error.js';
import { type ImageGenerationBody, type ImageGenerationRequest, imageGenerationBody } from './image-generation-request.js';
import { parseStrictly } from './parse-strictly.js';
import { parseSides, type Size } from './size.js';

/**
 * Body of `POST /mai/v1/images/generations`: the parameters of Azure's MAI image API, as
 * https://learn.microsoft.com/azure/foundry/foundry-models/how-to/use-foundry-models-mai-image documents them.
 */
export const maiImageBody = z
  .strictObject({
    model: imageGenerationBody.shape.model,
    prompt: imageGenerationBody.shape.prompt,
    width: side('width'),
    height: side('height'),
  })
  .meta({ id: 'MaiImageRequest' });

/** Query of `POST /mai/v1/images/generations`, which Azure's clients may send. */
export const maiImageQuery = z.strictObject({
  'api-version': z
    .literal('preview', '`api-version` must be "preview"')
    .optional()
    .meta({ description: "The version of Azure's API; there is one." }),
});

/** What to do instead of using parameters that Azure's API or OpenAI's has, and this shape has not. */
const hints = {
  size: 'give `width` and `height`',
  n: 'one image is made',
  auto_aspect_ratio: 'give `width` and `height`',
  web_grounding: 'nothing is searched for; leave it out',
};

/** A request in Azure's shape, taken apart: what OpenAI's shape says of it, and the size, which it names otherwise. */
export interface MaiImageRequest {
  readonly body: ImageGenerationBody;
  /** Absent for the tenant's or the model's own. */
  readonly size: Size | undefined;
}

/**
 * Reads a body of Azure's shape; whether the model draws the size is for {@link withSize} to tell.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when a parameter is unknown or of another type, or a side is missing.
 */
export function readMaiImageBody(body: unknown): MaiImageRequest {
  const { model, prompt, width, height } = parseStrictly(maiImageBody, body, hints);
  const size = sizeOf(width ?? undefined, height ?? undefined);
  return {
    // Azure's answer is always one PNG in base64, whatever a tenant's defaults are.
    body: { model, prompt, n: 1, response_format: 'b64_json', output_format: 'png', ...(size && { size: 'auto' }) },
    size,
  };
}

/**
 * Gives a request the size that was asked for in Azure's shape, if one was.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` naming `width` or `height` when its model doesn't draw it.
 */
export function withSize(request: ImageGenerationRequest, size: Size | undefined): ImageGenerationRequest {
  return size === undefined ? request : { ...request, ...parseSides(size, request.model) };
}

function sizeOf(width: number | undefined, height: number | undefined): Size | undefined {
  if (width === undefined && height === undefined) return undefined;
  if (width !== undefined && height !== undefined) return { width, height };
  const [given, missing] = width === undefined ? ['height', 'width'] : ['width', 'height'];
  throw new DarkroomError({
    code: 'invalid_argument',
    message: `\`${missing}\` is needed where \`${given}\` is given`,
    param: missing,
  });
}

function side(name: 'width' | 'height') {
  const message = `\`${name}\` must be a whole number of pixels`;
  return z
    .int(message)
    .min(1, message)
    .nullish()
    .meta({
      description: `The image's ${name} in pixels, within what \`GET /v1/models\` tells of the model; both sides or neither.`,
      examples: [256],
    });
}
