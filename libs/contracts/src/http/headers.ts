import { z } from 'zod';

const idempotencyKeyMessage = 'the header Idempotency-Key must be 1 to 255 printable ASCII characters';
const lastEventIdMessage = 'the header Last-Event-ID must be the id of an event of this stream';

/** Header `Idempotency-Key` of a request. */
export const idempotencyKeyHeader = z
  .string(idempotencyKeyMessage)
  .regex(/^[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?$/, idempotencyKeyMessage)
  .optional()
  .meta({
    description:
      'Requests of one tenant with the same key and the same parameters are one generation, for a day; with other parameters they are a conflict.',
    examples: ['order-1742-cover'],
  });

/** Header `Last-Event-ID` of a request: the place of the last event that came, or `end` for the last of all. */
export const lastEventIdHeader = z
  .string(lastEventIdMessage)
  .regex(/^(end|\d{1,16}-\d{1,10})$/, lastEventIdMessage)
  .optional()
  .meta({ description: 'The id of the last event that came; the stream goes on after it, or is empty after the end.' });
