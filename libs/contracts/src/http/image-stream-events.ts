import { z } from 'zod';
import { repliedQualities } from './quality.js';
import { errorBody, receiptBody, usageBody } from './responses.js';

const picture = {
  b64_json: z.string().meta({ description: 'The encoded picture in base64.' }),
  created_at: z.int().meta({ description: 'Unix seconds.' }),
  size: z.string(),
  output_format: z.string(),
  background: z.literal('opaque'),
  quality: z.enum(repliedQualities),
};

const partialImage = z.object({
  type: z.literal('image_generation.partial_image'),
  ...picture,
  partial_image_index: z.int(),
});

const completed = z.object({
  type: z.literal('image_generation.completed'),
  ...picture,
  id: z.string(),
  model: z.string(),
  receipt: receiptBody,
  usage: usageBody.optional(),
});

const error = z.object({ type: z.literal('error'), error: errorBody });

/** One server-sent event of `POST /v1/images/generations` with `stream`, in OpenAI's shape, its data parsed. */
export const imageStreamEvent = z
  .discriminatedUnion('event', [
    z.object({ event: z.literal('image_generation.partial_image'), data: partialImage }),
    z.object({ event: z.literal('image_generation.completed'), data: completed }),
    z.object({ event: z.literal('error'), data: error }),
  ])
  .meta({ id: 'ImageStreamEvent', description: 'One event of the stream; `data` is JSON.' });
