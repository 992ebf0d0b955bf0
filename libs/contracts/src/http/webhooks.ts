import { z } from 'zod';
import { deliveryStatuses } from './delivery-status.js';
import { generationBody } from './responses.js';

/** Ends of generations that a webhook can be told of. */
export const webhookEvents = ['generation.succeeded', 'generation.failed', 'generation.cancelled'] as const;

/** One end of a generation that a webhook can be told of. */
export type WebhookEvent = (typeof webhookEvents)[number];

/** Everything that a delivery's type can be: an event, or a test that its owner asked for. */
export const deliveryTypes = [...webhookEvents, 'webhook.test'] as const;

/** What a delivery tells of. */
export type DeliveryType = (typeof deliveryTypes)[number];

const quoted = (values: readonly string[]) => values.map((value) => `"${value}"`).join(', ');
const urlMessage = '`url` must be an address of at most 2,048 characters and no spaces, like "https://example.com/hook"';
const eventsMessage = `\`events\` must be a list of one or more of ${quoted(webhookEvents)}, each once`;
const descriptionMessage = '`description` must be a text of at most 200 characters, without control characters';
const enabledMessage = '`enabled` must be true or false';

const url = z
  .string(urlMessage)
  .max(2048, urlMessage)
  .regex(/^[^\s\p{Cc}\p{Cs}]+$/u, urlMessage)
  .meta({
    description: 'Where events are posted to; `https`, and reachable from outside.',
    examples: ['https://example.com/hook'],
  });
const events = z
  .array(z.enum(webhookEvents, eventsMessage), eventsMessage)
  .min(1, eventsMessage)
  .refine((values) => new Set(values).size === values.length, eventsMessage)
  .meta({ description: 'What to tell of.', uniqueItems: true });
const description = z
  .string(descriptionMessage)
  .max(200, descriptionMessage)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, descriptionMessage)
  .meta({ description: 'For people.' });

/** Body of `POST /v1/webhooks`. */
export const newWebhookBody = z
  .strictObject({ url, events: events.nullish(), description: description.nullish() })
  .meta({ id: 'NewWebhook' });

/** Body of `PATCH /v1/webhooks/{id}`; what is left out stays as it is. */
export const webhookChangesBody = z
  .strictObject({
    url: url.nullish(),
    events: events.nullish(),
    description: description.nullish(),
    enabled: z.boolean(enabledMessage).nullish().meta({ description: 'Whether events are sent.' }),
  })
  .meta({ id: 'WebhookChanges' });

/** Body of the routes that take none: absent, or an empty object. */
export const emptyBody = z.strictObject({});

/** A webhook as its owner sees it. */
export const webhookBody = z
  .object({
    id: z.string(),
    object: z.literal('webhook'),
    created: z.int().meta({ description: 'Unix seconds.' }),
    url: z.string(),
    events: z.array(z.enum(webhookEvents)),
    description: z.string(),
    enabled: z.boolean(),
    disabled_reason: z.string().nullable().meta({ description: 'Why the platform disabled it.' }),
    previous_secret_expires: z
      .int()
      .nullable()
      .meta({ description: 'Until when the secret before the last rotation signs as well, in Unix seconds.' }),
  })
  .meta({ id: 'Webhook' });

/** Answer that shows a webhook's secret: once, when it is made. */
export const webhookWithSecretBody = webhookBody
  .extend({ secret: z.string().meta({ description: 'What signatures are checked with; shown only here.' }) })
  .meta({ id: 'WebhookWithSecret' });

/** Answer of `GET /v1/webhooks`. */
export const webhookListBody = z.object({ object: z.literal('list'), data: z.array(webhookBody) }).meta({ id: 'WebhookList' });

/** Answer of `DELETE /v1/webhooks/{id}`, in OpenAI's shape. */
export const webhookDeletedBody = z
  .object({ id: z.string(), object: z.literal('webhook'), deleted: z.literal(true) })
  .meta({ id: 'WebhookDeleted' });

/** One attempt to deliver. */
export const deliveryAttemptBody = z
  .object({
    at: z.string().meta({ description: 'Date and time of RFC 3339.' }),
    duration_ms: z.int(),
    status_code: z.int().nullable().meta({ description: 'Status of the answer; null when there was none.' }),
    response_body: z.string().nullable().meta({ description: 'The first 1,024 bytes of the answer.' }),
    error: z.string().nullable().meta({ description: 'Why it failed; null when it succeeded.' }),
  })
  .meta({ id: 'DeliveryAttempt' });

/** A delivery: one message to one webhook, with the attempts at it. */
export const deliveryBody = z
  .object({
    id: z.string().meta({ description: 'What the header `webhook-id` says, at every attempt.' }),
    object: z.literal('webhook_delivery'),
    webhook: z.string(),
    created: z.int().meta({ description: 'Unix seconds.' }),
    type: z.enum(deliveryTypes),
    generation: z.string().nullable().meta({ description: 'The generation that it tells of; null for a test.' }),
    status: z.enum(deliveryStatuses),
    error: z.string().nullable().meta({ description: 'Why it was given up.' }),
    attempts: z.array(deliveryAttemptBody).meta({ description: 'The last 20, the oldest first.' }),
    next_attempt_at: z
      .string()
      .nullable()
      .meta({ description: 'When it is tried again; null when it is not, or just being sent.' }),
  })
  .meta({ id: 'Delivery' });

/** Answer of `GET /v1/webhooks/{id}/deliveries`: a page of them, the newest first. */
export const deliveryListBody = z
  .object({
    object: z.literal('list'),
    data: z.array(deliveryBody),
    first_id: z.string().nullable(),
    last_id: z.string().nullable().meta({ description: 'What `after` takes for the next page.' }),
    has_more: z.boolean(),
  })
  .meta({ id: 'DeliveryList' });

const limitMessage = '`limit` must be a whole number from 1 to 100';
const statusMessage = `\`status\` must be one of ${quoted(deliveryStatuses)}`;

/** Query of `GET /v1/webhooks/{id}/deliveries`. */
export const deliveryQuery = z.strictObject({
  after: z
    .string()
    .regex(/^msg_[0-9a-f-]{36}$/, '`after` must be the id of a delivery')
    .optional()
    .meta({ description: '`last_id` of the page before; from the newest when left out.' }),
  limit: z.coerce
    .number(limitMessage)
    .int(limitMessage)
    .min(1, limitMessage)
    .max(100, limitMessage)
    .default(20)
    .meta({ description: 'How many at most.' }),
  status: z.enum(deliveryStatuses, statusMessage).optional().meta({ description: 'Only those that stand so.' }),
});

const timestamp = z.string().meta({ description: 'When it happened, as a date and time of RFC 3339.' });

/** What is posted to a webhook: an event, and what it is about. */
export const webhookMessageBody = z
  .discriminatedUnion('type', [
    z.object({ type: z.enum(webhookEvents), timestamp, data: generationBody }),
    z.object({ type: z.literal('webhook.test'), timestamp, data: z.object({ webhook: z.string() }) }),
  ])
  .meta({
    id: 'WebhookMessage',
    description: 'Check its signature before it is parsed, after the Standard Webhooks specification.',
  });

/** JSON of a webhook. */
export type WebhookBody = z.infer<typeof webhookBody>;
/** JSON of a webhook with its secret. */
export type WebhookWithSecretBody = z.infer<typeof webhookWithSecretBody>;
/** JSON of the list of webhooks. */
export type WebhookListBody = z.infer<typeof webhookListBody>;
/** JSON of the answer to a deletion. */
export type WebhookDeletedBody = z.infer<typeof webhookDeletedBody>;
/** JSON of one attempt. */
export type DeliveryAttemptBody = z.infer<typeof deliveryAttemptBody>;
/** JSON of a delivery. */
export type DeliveryBody = z.infer<typeof deliveryBody>;
/** JSON of a page of deliveries. */
export type DeliveryListBody = z.infer<typeof deliveryListBody>;
/** What a list of deliveries is asked for. */
export type DeliveryQuery = z.output<typeof deliveryQuery>;
/** JSON of what is posted to a webhook. */
export type WebhookMessageBody = z.infer<typeof webhookMessageBody>;
