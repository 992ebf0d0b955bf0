import type { LogRow } from '../audit/audit-log.js';
import type { Reviewed } from './review-queue.js';

/** Repeats of a decision what its review is found by. */
export function reviewedOf({ id, tenantId, generationId, stage, action, category }: LogRow): Reviewed {
  return { decisionId: id, tenantId, generationId, stage, action, category };
}

/** Tells whether a person is to look at a decision without being asked: what is delivered blurred. Pictures of developing images are gone by then. */
export function isFlagged({ kind, action, stage }: LogRow): boolean {
  return kind === 'decision' && action === 'blur' && stage !== 'partial_image';
}
