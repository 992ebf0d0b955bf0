import { harmCategories, moderationStages } from '@darkroom/contracts';
import { auditKinds } from '@darkroom/contracts/admin';
import { actions } from '@darkroom/safety-policy';
import { z } from 'zod';

const limitMessage = '`limit` must be a whole number from 1 to 1000';
const sequenceMessage = (param: string) => `\`${param}\` must be the number of an entry, from 1`;

/** One of some names. */
export function oneOf<const Names extends readonly [string, ...string[]]>(param: string, names: Names) {
  return z.enum(names, `\`${param}\` must be one of ${names.map((name) => `"${name}"`).join(', ')}`);
}

/** How many to list. */
export const limit = z.coerce.number(limitMessage).int(limitMessage).min(1, limitMessage).max(1000, limitMessage).default(100);

function sequence(param: string) {
  return z.coerce.number(sequenceMessage(param)).int(sequenceMessage(param)).min(1, sequenceMessage(param));
}

/** Which entries to list. */
export const auditQuery = z.strictObject({
  kind: oneOf('kind', auditKinds).optional(),
  tenant: z.string().min(1).optional(),
  generation_id: z.string().min(1).optional(),
  stage: oneOf('stage', moderationStages).optional(),
  action: oneOf('action', actions).optional(),
  category: oneOf('category', harmCategories).optional(),
  before: sequence('before').optional(),
  limit,
});

const hashMessage = '`hash` must be the 64 hexadecimal digits of a hash, with the `sequence` of its entry';

/** What an earlier verification said, and was kept elsewhere. */
export const verifyQuery = z.strictObject({
  sequence: sequence('sequence').optional(),
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, hashMessage)
    .optional(),
});
