import {
  type AppealRequest,
  type AppealResponse,
  DarkroomError,
  type GetReviewRequest,
  type GetReviewResponse,
  type ReviewServiceService,
} from '@darkroom/contracts';
import type { Handlers } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { AuditLog, type LogRow } from '../audit/audit-log.js';
import { toReviewMessage } from './review.views.js';
import { ReviewQueue, type ReviewRow } from './review-queue.js';
import { reviewedOf } from './reviewed.js';

/** What tenants ask of reviews, through the gateway. */
@Injectable()
export class ReviewHandlers implements Handlers<typeof ReviewServiceService> {
  private readonly queue: ReviewQueue;
  private readonly log: AuditLog;

  constructor(queue: ReviewQueue, log: AuditLog) {
    this.queue = queue;
    this.log = log;
  }

  async appeal({ tenantId, decisionId, generationId, text }: AppealRequest): Promise<AppealResponse> {
    if (text === '') throw new DarkroomError({ code: 'invalid_argument', message: 'text must not be empty', param: 'text' });
    const decision = decisionId === '' ? await this.gravestOf(tenantId, generationId) : await this.log.find(decisionId);
    if (decision?.tenantId !== tenantId || decision.kind !== 'decision') throw notFound();
    if (decision.action === 'allow') {
      throw new DarkroomError({ code: 'conflict', message: 'the decision was to allow it; there is nothing to appeal against' });
    }
    await this.queue.appeal(reviewedOf(decision), text);
    return { review: toReviewMessage(found(await this.queue.find(decision.id))) };
  }

  async getReview({ tenantId, decisionId }: GetReviewRequest): Promise<GetReviewResponse> {
    const review = found(await this.queue.find(decisionId));
    if (review.tenantId !== tenantId) throw notFound();
    return { review: toReviewMessage(review) };
  }

  /** Finds the gravest decision on a generation, of several the last, unless all were to let it pass. */
  private async gravestOf(tenantId: string, generationId: string): Promise<LogRow | undefined> {
    if (generationId === '') return undefined;
    const kind = 'decision';
    for (const action of ['block', 'blur', 'warn']) {
      const [row] = await this.log.list({ kind, tenantId, generationId, action, limit: 1 });
      if (row !== undefined) return row;
    }
    return undefined;
  }
}

function found(review: ReviewRow | undefined): ReviewRow {
  if (review === undefined) throw notFound();
  return review;
}

function notFound(): DarkroomError {
  return new DarkroomError({ code: 'not_found', message: 'there is no such decision', param: 'id' });
}
