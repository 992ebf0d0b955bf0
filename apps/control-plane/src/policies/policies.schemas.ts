import { z } from 'zod';

const authorMessage = '`author` must be a text of 1 to 100 characters';
/** Who acts: needed where the admin token is used, which doesn't tell. */
const author = z.string(authorMessage).trim().min(1, authorMessage).max(100, authorMessage).optional();
const daysMessage = '`days` must be a whole number from 1 to 365';

/** A policy that a tenant is to have; the document is checked by its own schema. */
export const newPolicyBody = z.strictObject({ author, document: z.unknown() });

/** Who switches. */
export const switchBody = z.strictObject({ author });

/** Of which time decisions are made again. */
export const previewQuery = z.strictObject({
  days: z.coerce.number(daysMessage).int(daysMessage).min(1, daysMessage).max(365, daysMessage).default(7),
});
