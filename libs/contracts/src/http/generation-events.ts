import { z } from 'zod';
import { progressBody } from './responses.js';

/** Data of the event `progress`: how far the generation is. */
export const progressEventBody = progressBody;

/** Data of the event `partial_image`: a picture of an image that still develops. */
export const partialImageEventBody = z.object({
  /** Index of the image, and of the picture among those of that image. */
  image: z.int(),
  index: z.int(),
  step: z.int(),
  steps: z.int(),
  width: z.int(),
  height: z.int(),
  /** Signed address of the picture. */
  url: z.string(),
});

/** JSON of the event `progress`. */
export type ProgressEventBody = z.infer<typeof progressEventBody>;
/** JSON of the event `partial_image`. */
export type PartialImageEventBody = z.infer<typeof partialImageEventBody>;
