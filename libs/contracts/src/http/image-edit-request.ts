import { z } from 'zod';
import { file } from './file.js';
import { completeRequest, hints, type ImageGenerationRequest, imageGenerationBody, number } from './image-generation-request.js';
import { maxPictureBytes, maxPicturePixels, type ServedModel } from './parameters.js';
import { parseStrictly } from './parse-strictly.js';
import { type Size, sizeLike } from './size.js';

/** How strong an edit is that doesn't say: what a mask uncovers is drawn from noise, and a whole picture keeps its composition. */
const defaultStrength = { masked: 1, whole: 0.8 };

/** Text fields of a form that edits a picture: those of a generation, and how far it may depart from the picture. */
export const imageEditBody = imageGenerationBody.extend({
  strength: number('strength')
    .nullish()
    .meta({
      description:
        'How far the image may depart from the picture: the share of the steps that it goes through. ' +
        `${defaultStrength.whole} when left out, and ${defaultStrength.masked} with a mask.`,
    }),
  size: imageGenerationBody.shape.size.meta({
    description:
      "Width and height in pixels, which the picture is scaled to cover; `auto` is the picture's shape, in at most as many pixels as the model's own size has.",
    default: 'auto',
  }),
});

/** The form that edits a picture, as `multipart/form-data`. */
export const imageEditForm = imageEditBody
  .extend({
    image: file(
      `The picture: a still PNG, JPEG or WebP of at most ${maxPictureBytes / 1024 / 1024} MiB and ` +
        `${maxPicturePixels.toLocaleString('en')} pixels. \`image[]\` is taken too, once.`,
    ),
    mask: file(
      "A PNG of the picture's size, whose transparent pixels are drawn anew; all of the picture is when left out.",
    ).optional(),
  })
  .meta({ id: 'ImageEditForm' });

/** A picture as far as a request's defaults depend on it: its size in pixels, and whether a mask came with it. */
export interface PictureToEdit extends Size {
  readonly isMasked: boolean;
}

/**
 * Checks the text fields of a form that edits a picture, and fills in the defaults.
 *
 * @throws {DarkroomError} Thrown as `parseImageGenerationRequest` throws it.
 */
export function parseImageEditRequest(
  body: unknown,
  models: readonly ServedModel[],
  picture: PictureToEdit,
  nowMs = Date.now(),
): ImageGenerationRequest {
  const given = parseStrictly(imageEditBody, body, editHints);
  const request = completeRequest(given, models, (model) => sizeLike(picture, model), nowMs);
  return { ...request, strength: given.strength ?? (picture.isMasked ? defaultStrength.masked : defaultStrength.whole) };
}

const editHints = { ...hints, input_fidelity: 'say how near to stay to the picture with `strength`' };

/**
 * Gives a form's texts the types that their parameters have, since a form knows texts alone; one that isn't of its type stays a text,
 * which the schema then refuses by name.
 */
export function typedFields(fields: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, typed(text, typeOf(name))]));
}

function typed(text: string, type: string | undefined): unknown {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  // Not what else Number() takes for a number: the empty text, hexadecimal digits, spaces.
  if (type === 'number' && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text);
  return text;
}

function typeOf(name: string): string | undefined {
  let schema: unknown = Object.hasOwn(imageEditBody.shape, name) ? imageEditBody.shape[name as 'strength'] : undefined;
  while (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) schema = schema.unwrap();
  return schema instanceof z.ZodType ? schema.type : undefined;
}
