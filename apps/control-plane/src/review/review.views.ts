import type { Review } from '@darkroom/contracts';
import type { ReviewBody, WholeReviewBody } from '@darkroom/contracts/admin';
import { viewEntry } from '../audit/audit.views.js';
import type { LogRow } from '../audit/audit-log.js';
import { readEntry } from '../audit/entry-facts.js';
import type { FoundImage } from './review-images.js';
import type { NoteRow, ReviewRow } from './review-queue.js';

/** A review as the admin API lists it, with what the log's entry of its decision found. */
export function viewReview(row: ReviewRow, entry: LogRow | undefined): ReviewBody {
  const decision = entry && readEntry(entry.entry)?.decision;
  const gravest = decision?.scores
    .filter(({ category, severity }) => category === row.category && severity > 0)
    .toSorted((one, other) => other.severity - one.severity || other.score - one.score)[0];
  return {
    decision_id: row.decisionId,
    tenant: row.tenantId,
    generation_id: row.generationId || null,
    stage: row.stage,
    action: row.action,
    category: row.category || null,
    severity: gravest?.severity ?? null,
    score: gravest?.score ?? null,
    rule: decision?.reason || null,
    status: row.status,
    opened_at: row.openedAt.toISOString(),
    appealed_at: row.appealedAt?.toISOString() ?? null,
    appeal: row.appeal,
    resolved_at: row.resolvedAt?.toISOString() ?? null,
    resolved_by: row.resolvedBy,
    reason: row.reason,
  };
}

/** All that there is of a review. */
export interface WholeReview {
  readonly review: ReviewRow;
  readonly entry: LogRow;
  readonly notes: readonly NoteRow[];
  /** What was done, from the log, the newest first. */
  readonly acts: readonly LogRow[];
  readonly image: FoundImage | undefined;
}

/** A review as the admin API shows it alone; never the picture itself. */
export function viewWholeReview({ review, entry, notes, acts, image }: WholeReview): WholeReviewBody {
  return {
    ...viewReview(review, entry),
    entry: viewEntry(entry),
    image: image === undefined ? null : { content_type: image.contentType },
    notes: notes.map(({ id, author, text, createdAt }) => ({ id, reviewer: author, text, created_at: createdAt.toISOString() })),
    acts: acts.map(viewEntry),
  };
}

/** A review as its tenant hears of it. */
export function toReviewMessage({ decisionId, generationId, status, appealedAt, reason }: ReviewRow): Review {
  return { decisionId, generationId, status, appealedAtMs: appealedAt?.getTime() ?? 0, reason: reason ?? '' };
}
