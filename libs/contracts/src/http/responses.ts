import { z } from 'zod';

/** How long one stage took, over all images of the generation. */
export const stageTimingBody = z.object({ stage: z.string(), total_ms: z.number(), kernel_ms: z.number() });

/** Everything needed to make the same bytes again. */
export const receiptBody = z.object({
  model: z.string(),
  model_digest: z.string(),
  scheduler: z.string(),
  shift: z.number(),
  steps: z.int(),
  guidance_scale: z.number(),
  seed: z.int(),
  width: z.int(),
  height: z.int(),
  versions: z.record(z.string(), z.string()),
  timings: z.array(stageTimingBody),
  /** Present where the request asked for it, as are the next two. */
  solver: z.string().optional(),
  sigmas: z.string().optional(),
  first_block_cache: z.number().optional(),
});

/** One delivered image: its bytes in base64, or where they can be fetched. */
export const imageBody = z.object({ b64_json: z.string().optional(), url: z.string().optional() });

/** Answer of `POST /v1/images/generations`: OpenAI's, and the id, model and receipt. */
export const imagesResponseBody = z.object({
  created: z.int(),
  data: z.array(imageBody),
  output_format: z.string(),
  size: z.string(),
  id: z.string(),
  model: z.string(),
  receipt: receiptBody,
});

/** How far a running generation is. */
export const progressBody = z.object({
  stage: z.string(),
  step: z.int(),
  steps: z.int(),
  image: z.int(),
  images: z.int(),
});

/** What an error answer says. */
export const errorBody = z.object({
  message: z.string(),
  type: z.string(),
  param: z.string().nullable(),
  code: z.string(),
  category: z.string().optional(),
});

/** Everything that a generation's status can be. */
export const generationStatuses = ['queued', 'running', 'cancelling', 'cancelled', 'succeeded', 'failed'] as const;

/** Answer of `GET /v1/generations/{id}` and `DELETE /v1/generations/{id}`. */
export const generationBody = z.object({
  id: z.string(),
  object: z.literal('generation'),
  created: z.int(),
  model: z.string(),
  /** `cancelling` until the worker that has it has put it down; `cancelled`, `succeeded` and `failed` are final. */
  status: z.enum(generationStatuses),
  progress: progressBody.nullable(),
  /** Present once the generation has succeeded. */
  data: z.array(imageBody).nullable(),
  receipt: receiptBody.nullable(),
  /** Present once the generation has failed or is cancelled. */
  error: errorBody.nullable(),
});

/** Answer of `GET /v1/generations`: a page of them, the newest first. */
export const generationListBody = z.object({
  object: z.literal('list'),
  data: z.array(generationBody),
  first_id: z.string().nullable(),
  /** What `after` takes for the next page. */
  last_id: z.string().nullable(),
  has_more: z.boolean(),
});

/** One entry of `GET /v1/models`: OpenAI's fields, and what the model draws. */
export const modelBody = z.object({
  id: z.string(),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
  size: z.object({
    granularity: z.int(),
    min_side: z.int(),
    max_side: z.int(),
    max_pixels: z.int(),
    default: z.string(),
  }),
  max_prompt_tokens: z.int(),
  defaults: z.object({ n: z.int(), steps: z.int(), guidance_scale: z.number() }),
});

/** Answer of `GET /v1/models`. */
export const modelListBody = z.object({ object: z.literal('list'), data: z.array(modelBody) });

/** JSON of a receipt. */
export type ReceiptBody = z.infer<typeof receiptBody>;
/** JSON of the answer to a request for images. */
export type ImagesResponseBody = z.infer<typeof imagesResponseBody>;
/** JSON of a generation's state. */
export type GenerationBody = z.infer<typeof generationBody>;
/** JSON of a page of generations. */
export type GenerationListBody = z.infer<typeof generationListBody>;
/** JSON of one served model. */
export type ModelBody = z.infer<typeof modelBody>;
/** JSON of the list of served models. */
export type ModelListBody = z.infer<typeof modelListBody>;
