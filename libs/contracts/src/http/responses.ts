import { z } from 'zod';
import { errorCodes } from '../error/darkroom-error.js';
import { harmCategories } from '../safety/taxonomy.js';
import { repliedQualities } from './quality.js';

/** How long one stage took, over all images of the generation. */
export const stageTimingBody = z.object({ stage: z.string(), total_ms: z.number(), kernel_ms: z.number() });

/** Everything needed to make the same bytes again. */
export const receiptBody = z
  .object({
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
    /** Present where the request asked for it, as are the next three. */
    solver: z.string().optional(),
    sigmas: z.string().optional(),
    first_block_cache: z.number().optional(),
    output_compression: z.int().optional(),
    strength: z.number().optional().meta({ description: 'Of an edit, as is the next.' }),
    image_sha256: z.string().optional().meta({ description: 'SHA-256 of the picture, as it was scaled and stored.' }),
    mask_sha256: z.string().optional().meta({ description: 'The same of its mask.' }),
  })
  .meta({ id: 'Receipt', description: 'Everything needed to make the same bytes again.' });

/** One delivered image: its bytes in base64, or where they can be fetched. */
export const imageBody = z.object({
  b64_json: z.string().optional().meta({ description: 'The encoded image in base64.' }),
  url: z.string().optional().meta({ description: 'A signed address, which opens without a key until it expires.' }),
  expires_at: z.int().optional().meta({ description: 'Until when the address works, in Unix seconds.' }),
  blurred: z
    .literal(true)
    .optional()
    .meta({ description: 'The policy has it blurred until a reviewer has looked at it; ask for the generation again later.' }),
});

/** What the policy has to say of something that it let pass. */
export const moderationNoticeBody = z
  .object({
    stage: z.enum(['prompt', 'negative_prompt', 'input_image', 'output_image']),
    image: z.int().optional().meta({ description: 'Of `output_image`: which.' }),
    action: z.enum(['warn', 'blur']),
    category: z.enum(harmCategories),
    decision_id: z.string().meta({ description: 'What an appeal names.' }),
  })
  .meta({ id: 'ModerationNotice' });

/** What a generation took, over all its images: OpenAI's counts, in the model's own tokens, and the compute units it is charged. */
export const usageBody = z
  .object({
    input_tokens: z.int(),
    input_tokens_details: z.object({
      text_tokens: z.int().meta({ description: 'Of the prompt, and of a negative prompt that guidance reads.' }),
      image_tokens: z.int().meta({ description: 'Of the picture to edit.' }),
    }),
    output_tokens: z.int().meta({ description: 'Tokens that the transformer makes of the images.' }),
    output_tokens_details: z.object({ text_tokens: z.int(), image_tokens: z.int() }),
    total_tokens: z.int(),
    compute_units: z.int().meta({ description: 'Pixels times samples that the transformer evaluated: what is charged.' }),
  })
  .meta({ id: 'Usage', description: 'What the whole generation took.' });

/** Answer of `POST /v1/images/generations`: OpenAI's, and the id, model and receipt. */
export const imagesResponseBody = z
  .object({
    created: z.int().meta({ description: 'Unix seconds.' }),
    data: z.array(imageBody),
    output_format: z.string(),
    size: z.string(),
    background: z.literal('opaque'),
    quality: z.enum(repliedQualities).meta({ description: '`auto` where `steps` was given.' }),
    usage: usageBody.optional(),
    id: z.string().meta({ description: 'The generation, for `GET /v1/generations/{id}`.' }),
    model: z.string(),
    receipt: receiptBody,
    moderation_notices: z
      .array(moderationNoticeBody)
      .optional()
      .meta({ description: 'Present where the policy lets something pass, and has to say so.' }),
  })
  .meta({ id: 'ImagesResponse' });

/** How far a running generation is. */
export const progressBody = z
  .object({
    stage: z.string().meta({ description: '`queue` while it waits.' }),
    step: z.int(),
    steps: z.int(),
    image: z.int(),
    images: z.int(),
    queue_position: z
      .int()
      .nullable()
      .meta({ description: 'Its place while it waits, 1 for the one that is taken next; null when it has been taken.' }),
    expected_finish: z
      .string()
      .nullable()
      .meta({ description: 'When it is expected to be done (RFC 3339); null while no worker is there to tell by.' }),
  })
  .meta({ id: 'Progress', description: 'How far a generation is that has not ended.' });

/** What an error answer says. */
export const errorBody = z
  .object({
    message: z.string().meta({ description: 'A sentence for whoever sent the request.' }),
    type: z.string(),
    param: z.string().nullable().meta({ description: 'The parameter at fault.' }),
    code: z.enum(errorCodes),
    category: z.enum(harmCategories).optional().meta({ description: 'For `content_policy_violation`: the harm category.' }),
    decision_id: z
      .string()
      .optional()
      .meta({ description: 'For `content_policy_violation`: the decision that refused, which an appeal names.' }),
  })
  .meta({ id: 'Error' });

/** Body of every answer that is an error, in OpenAI's shape. */
export const errorResponseBody = z.object({ error: errorBody }).meta({ id: 'ErrorResponse' });

/** Everything that a generation's status can be. */
export const generationStatuses = ['queued', 'running', 'cancelling', 'cancelled', 'succeeded', 'failed'] as const;

/** Answer of `GET /v1/generations/{id}` and `DELETE /v1/generations/{id}`. */
export const generationBody = z
  .object({
    id: z.string(),
    object: z.literal('generation'),
    created: z.int().meta({ description: 'Unix seconds.' }),
    model: z.string(),
    status: z.enum(generationStatuses).meta({
      description: '`cancelling` until the worker that has it has put it down; `cancelled`, `succeeded` and `failed` are final.',
    }),
    progress: progressBody.nullable(),
    data: z.array(imageBody).nullable().meta({ description: 'Present once the generation has succeeded.' }),
    receipt: receiptBody.nullable(),
    usage: usageBody.nullable(),
    user: z.string().nullable().meta({ description: "The client's own name for its user." }),
    moderation_notices: z
      .array(moderationNoticeBody)
      .meta({ description: 'What the policy has to say of what it let pass; of images once they are done.' }),
    replay_of: z.string().nullable().meta({ description: 'The generation that this one makes again.' }),
    matches: z
      .boolean()
      .nullable()
      .meta({ description: 'Of a replay that has succeeded: whether its images are the same as the original, byte for byte.' }),
    error: errorBody.nullable().meta({ description: 'Present once the generation has failed or is cancelled.' }),
  })
  .meta({ id: 'Generation' });

/** Answer of `GET /v1/generations`: a page of them, the newest first. */
export const generationListBody = z
  .object({
    object: z.literal('list'),
    data: z.array(generationBody),
    first_id: z.string().nullable(),
    last_id: z.string().nullable().meta({ description: 'What `after` takes for the next page.' }),
    has_more: z.boolean(),
  })
  .meta({ id: 'GenerationList' });

/** One entry of `GET /v1/models`: OpenAI's fields, and what the model draws. */
export const modelBody = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.int(),
    owned_by: z.string(),
    size: z.object({
      granularity: z.int().meta({ description: 'Sides are multiples of this many pixels.' }),
      min_side: z.int(),
      max_side: z.int(),
      max_pixels: z.int(),
      default: z.string().meta({ description: 'What `size: "auto"` means.' }),
    }),
    max_prompt_tokens: z.int(),
    defaults: z.object({ n: z.int(), steps: z.int(), guidance_scale: z.number() }),
  })
  .meta({ id: 'Model' });

/** Answer of `GET /v1/models`. */
export const modelListBody = z.object({ object: z.literal('list'), data: z.array(modelBody) }).meta({ id: 'ModelList' });

/** JSON of a generation's progress. */
export type ProgressBody = z.infer<typeof progressBody>;
/** JSON of a receipt. */
export type ReceiptBody = z.infer<typeof receiptBody>;
/** JSON of what the policy has to say of something that it let pass. */
export type ModerationNoticeBody = z.infer<typeof moderationNoticeBody>;
/** JSON of one delivered image. */
export type ImageBody = z.infer<typeof imageBody>;
/** JSON of what a generation took. */
export type UsageBody = z.infer<typeof usageBody>;
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
