import { z } from 'zod';
import { generationBody, progressBody } from './responses.js';

/** Data of the event `partial_image`: a picture of an image that still develops. */
export const partialImageEventBody = z
  .object({
    image: z.int().meta({ description: 'Which image of the generation.' }),
    index: z.int().meta({ description: 'Which of the pictures of that image.' }),
    step: z.int(),
    steps: z.int(),
    width: z.int(),
    height: z.int(),
    url: z.string().meta({ description: 'Signed address of the picture.' }),
    expires_at: z.int().meta({ description: 'Until when the address works, in Unix seconds.' }),
  })
  .meta({ id: 'PartialImage' });

const id = z.string().meta({ description: 'What `Last-Event-ID` takes to go on after this event.' });

/** One server-sent event of `GET /v1/generations/{id}/events`, its data parsed. */
export const generationEvent = z
  .discriminatedUnion('event', [
    z.object({ id: id.optional(), event: z.literal('progress'), data: progressBody }),
    z.object({ id, event: z.literal('partial_image'), data: partialImageEventBody }),
    z.object({ id, event: z.enum(['succeeded', 'failed', 'cancelled']), data: generationBody }),
  ])
  .meta({ id: 'GenerationEvent', description: 'One event of the stream; `data` is JSON.' });

/** JSON of the event `partial_image`. */
export type PartialImageEventBody = z.infer<typeof partialImageEventBody>;
