import { z } from 'zod';
import { repliedQualities } from './quality.js';
import { errorBody, imageBody, receiptBody, usageBody } from './responses.js';

const picture = {
  b64_json: z.string().meta({ description: 'The encoded picture in base64.' }),
  created_at: z.int().meta({ description: 'Unix seconds.' }),
  size: z.string(),
  output_format: z.string(),
  background: z.literal('opaque'),
  quality: z.enum(repliedQualities),
};

const partialImage = { ...picture, partial_image_index: z.int() };

const completed = {
  ...picture,
  blurred: imageBody.shape.blurred,
  id: z.string(),
  model: z.string(),
  receipt: receiptBody,
  usage: usageBody.optional(),
};

/** An event whose data names it once more. */
function named<const Name extends string, Shape extends z.ZodRawShape>(name: Name, shape: Shape) {
  return z.object({ event: z.literal(name), data: z.object({ type: z.literal(name), ...shape }) });
}

const error = z.object({ type: z.literal('error'), error: errorBody });

/** One server-sent event of `POST /v1/images/generations` with `stream`, in OpenAI's shape, its data parsed. */
export const imageStreamEvent = z
  .discriminatedUnion('event', [
    named('image_generation.partial_image', partialImage),
    named('image_generation.completed', completed),
    z.object({ event: z.literal('error'), data: error }),
  ])
  .meta({ id: 'ImageStreamEvent', description: 'One event of the stream; `data` is JSON.' });

/** One server-sent event of `POST /v1/images/edits` with `stream`. */
export const imageEditStreamEvent = z
  .discriminatedUnion('event', [
    named('image_edit.partial_image', partialImage),
    named('image_edit.completed', completed),
    z.object({ event: z.literal('error'), data: error }),
  ])
  .meta({ id: 'ImageEditStreamEvent', description: 'One event of the stream; `data` is JSON.' });
