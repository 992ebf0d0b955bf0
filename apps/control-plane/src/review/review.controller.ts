import { DarkroomError } from '@darkroom/contracts';
import type { ListBody, ReviewBody } from '@darkroom/contracts/admin';
import { parseStrictly } from '@darkroom/contracts/http';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AuditLog, type LogRow } from '../audit/audit-log.js';
import { readEntry } from '../audit/entry-facts.js';
import { type Operator, personOf } from '../operators/operator.js';
import { Audited, CurrentOperator, Needs } from '../operators/route-rules.js';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { mayBeShown } from './holds.js';
import { noteBody, resolveBody, revealBody, reviewQuery } from './review.schemas.js';
import { viewReview, viewWholeReview } from './review.views.js';
import { type FoundImage, ReviewImages } from './review-images.js';
import { ReviewQueue, type ReviewRow } from './review-queue.js';

/** Decisions on one generation that are looked at; each image has a few. */
const MOST_OF_GENERATION = 1_000;

/** Acts of one review that are shown. */
const MOST_ACTS = 200;

/** Where people look at what was flagged or appealed against. */
@Controller('admin/v1/reviews')
export class ReviewController {
  constructor(
    private readonly queue: ReviewQueue,
    private readonly log: AuditLog,
    private readonly images: ReviewImages,
    private readonly tenants: TenantRepository,
  ) {}

  @Get()
  @Needs('content')
  async list(@Query() query: unknown): Promise<ListBody<ReviewBody>> {
    const { status, tenant, generation_id: generationId, limit, ...wanted } = parseStrictly(reviewQuery, query);
    const tenantId = tenant === undefined ? undefined : await this.tenants.idOf(tenant);
    const filter = { ...wanted, status: status === 'all' ? undefined : status, tenantId, generationId };
    // One more than asked for tells whether there are more.
    const found = await this.queue.list({ ...filter, limit: limit + 1 });
    const page = found.slice(0, limit);
    const entries = await this.log.findAll(page.map(({ decisionId }) => decisionId));
    return {
      object: 'list',
      data: page.map((row) => viewReview(row, entries.get(row.decisionId))),
      has_more: found.length > limit,
    };
  }

  @Get(':id')
  @Needs('content')
  async show(@Param('id') id: string) {
    const { review, entry } = await this.find(id);
    const [notes, acts, image] = await Promise.all([
      this.queue.notes(id),
      this.log.list({ kind: 'review', subject: id, limit: MOST_ACTS }),
      this.imageOf(entry),
    ]);
    return viewWholeReview({ review, entry, notes, acts, image });
  }

  /** Ends a review, with what the tenant is told. */
  @Post(':id/resolve')
  @Needs('review')
  @Audited('review.resolve', { facts: ['outcome'] })
  @HttpCode(200)
  async resolve(@Param('id') id: string, @Body() body: unknown, @CurrentOperator() operator: Operator) {
    const { reviewer: named, outcome, reason } = parseStrictly(resolveBody, body ?? {});
    const reviewer = personOf(operator, named, 'reviewer');
    const { review } = await this.find(id);
    const status = outcome === 'approve' ? 'approved' : 'rejected';
    if (review.status !== status) await this.queue.resolve(review, status, reviewer, reason);
    // Also when it was approved before: whoever asked then may have heard that the pictures could not be let go.
    if (status === 'approved' && review.action === 'blur') await this.release(review.generationId);
    return await this.show(id);
  }

  @Post(':id/notes')
  @Needs('review')
  @Audited('review.note')
  async note(@Param('id') id: string, @Body() body: unknown, @CurrentOperator() operator: Operator) {
    const { reviewer: named, text } = parseStrictly(noteBody, body ?? {});
    const reviewer = personOf(operator, named, 'reviewer');
    const { review } = await this.find(id);
    await this.queue.note(review, reviewer, text);
    return await this.show(id);
  }

  /** Shows the picture; that it was shown, and to whom, is in the audit log before. */
  @Post(':id/reveal')
  @Needs('review')
  @Audited('review.reveal')
  @HttpCode(200)
  async reveal(
    @Param('id') id: string,
    @Body() body: unknown,
    @CurrentOperator() operator: Operator,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const reviewer = personOf(operator, parseStrictly(revealBody, body ?? {}).reviewer, 'reviewer');
    const { review, entry } = await this.find(id);
    const found = await this.imageOf(entry);
    if (found === undefined) throw noImage();
    await this.queue.reveal(review, reviewer);
    const bytes = await this.images.read(found);
    if (bytes === undefined) throw noImage();
    await reply
      .type(found.contentType)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff')
      .send(bytes);
  }

  private async find(id: string): Promise<{ review: ReviewRow; entry: LogRow }> {
    const [review, entry] = await Promise.all([this.queue.find(id), this.log.find(id)]);
    if (review !== undefined && entry !== undefined) return { review, entry };
    throw new DarkroomError({ code: 'not_found', message: 'there is no review of such a decision', param: 'id' });
  }

  /** Lets those images of a generation go that nothing holds any more. */
  private async release(generationId: string): Promise<void> {
    const [rows, approved] = await Promise.all([
      this.log.list({ kind: 'decision', generationId, limit: MOST_OF_GENERATION }),
      this.queue.list({ status: 'approved', generationId, limit: MOST_OF_GENERATION }),
    ]);
    const decisions = rows.flatMap(({ id, entry }) => {
      const decision = readEntry(entry)?.decision;
      return decision === undefined ? [] : [{ id, decision }];
    });
    const approvedIds = new Set(approved.map(({ decisionId }) => decisionId));
    await this.images.release(generationId, (image) => mayBeShown(decisions, approvedIds, image));
  }

  private async imageOf({ entry }: LogRow): Promise<FoundImage | undefined> {
    const decision = readEntry(entry)?.decision;
    return decision && (await this.images.find(decision));
  }
}

function noImage(): DarkroomError {
  const message = 'no picture of this decision is kept: it was about a prompt, was refused, or is gone';
  return new DarkroomError({ code: 'not_found', message });
}
