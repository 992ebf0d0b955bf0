import { harmCategories, moderationStages } from '@darkroom/contracts';
import { reviewStatuses } from '@darkroom/contracts/admin';
import { actions } from '@darkroom/safety-policy';
import { z } from 'zod';
import { limit, oneOf } from '../audit/audit.schemas.js';

const text = (param: string, most: number) => {
  const message = `\`${param}\` must be a text of 1 to ${most} characters`;
  return z.string(message).trim().min(1, message).max(most, message);
};

/** Who acts: needed where the admin token is used, which doesn't tell. */
const reviewer = text('reviewer', 100).optional();

/** Which reviews to list: those that are open, unless said otherwise. */
export const reviewQuery = z.strictObject({
  status: oneOf('status', [...reviewStatuses, 'all']).default('open'),
  tenant: z.string().min(1).optional(),
  generation_id: z.string().min(1).optional(),
  stage: oneOf('stage', moderationStages).optional(),
  action: oneOf('action', actions).optional(),
  category: oneOf('category', harmCategories).optional(),
  appealed: oneOf('appealed', ['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
  after: z.string().min(1).optional(),
  limit,
});

export const resolveBody = z.strictObject({
  reviewer,
  outcome: oneOf('outcome', ['approve', 'reject']),
  reason: text('reason', 2_000),
});

export const noteBody = z.strictObject({ reviewer, text: text('text', 4_000) });

export const revealBody = z.strictObject({ reviewer });
