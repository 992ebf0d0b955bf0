import { z } from 'zod';
import { idempotencyKeyHeader, lastEventIdHeader } from '../http/index.js';

/** Headers of a request that begins a generation. */
export const submitHeaders = z.object({ 'Idempotency-Key': idempotencyKeyHeader });

/** Headers of a request for images, which may ask not to wait for them. */
export const imagesHeaders = submitHeaders.extend({
  Prefer: z
    .string()
    .optional()
    .meta({
      description: '`respond-async` asks for 202 at once, with the generation instead of its images (RFC 7240).',
      examples: ['respond-async'],
    }),
});

/** Headers of a request for events. */
export const eventsHeaders = z.object({ 'Last-Event-ID': lastEventIdHeader });

/** Headers of a message to a webhook, by the Standard Webhooks specification. */
export const messageHeaders = z.object({
  'webhook-id': z.string().meta({ description: 'The same at every attempt: what has been had already can be passed over.' }),
  'webhook-timestamp': z.string().meta({ description: 'When it was sent, in Unix seconds.' }),
  'webhook-signature': z
    .string()
    .meta({ description: 'One or more signatures, separated by spaces: `v1,` and HMAC-SHA256 in base64.' }),
});

/** Header of an answer that names the generation. */
export const requestIdHeaders = z.object({
  'X-Request-Id': z.string().meta({ description: "The generation's id." }),
});

/** Headers of an answer that says where a generation can be looked at. */
export const acceptedHeaders = requestIdHeaders.extend({
  Location: z.string().meta({ description: 'Where the generation can be looked at.', examples: ['/v1/generations/gen_…'] }),
});

const told = (id: string, description: string) => z.string().optional().meta({ description, header: { id } });

/** Headers of every answer to a key, where its tenant or it has such limits. */
export const limitHeaders = z.object({
  'X-RateLimit-Limit-Requests': told('LimitOfRequests', 'Requests that may be made a minute.'),
  'X-RateLimit-Remaining-Requests': told('RemainingRequests', 'How many are left.'),
  'X-RateLimit-Reset-Requests': told('ResetOfRequests', 'Until all of them are there again, like `1.2s`.'),
  'X-RateLimit-Limit-Compute': told('LimitOfCompute', 'Compute units that may be used a minute.'),
  'X-RateLimit-Remaining-Compute': told('RemainingCompute', 'How many are left.'),
  'X-RateLimit-Reset-Compute': told('ResetOfCompute', 'Until all of them are there again, like `1.2s`.'),
});

/** Header of an answer that asks for another attempt. */
export const retryHeaders = z.object({
  'Retry-After': z.string().optional().meta({ description: 'Seconds after which another attempt makes sense.' }),
});

/** Header of an answer that asks for a key. */
export const authenticateHeaders = z.object({
  'WWW-Authenticate': z.string().meta({ description: 'How to prove who one is.' }),
});
