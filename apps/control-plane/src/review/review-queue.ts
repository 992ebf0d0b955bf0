import { createHash } from 'node:crypto';
import { AuditEntry, DarkroomError, newActId } from '@darkroom/contracts';
import type { ReviewStatus } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import { type Alongside, AuditLog } from '../audit/audit-log.js';
import type { Queries } from '../database/database.js';
import { Database } from '../database/database.provider.js';
import { and, asc, eq, gt, isNotNull, isNull, sql } from '../database/drizzle.js';
import { reviewNotes, reviews } from '../database/schema.js';

/** One review as the database has it. */
export type ReviewRow = typeof reviews.$inferSelect;

/** One note as the database has it. */
export type NoteRow = typeof reviewNotes.$inferSelect;

/** Which decision a review is of, repeated from the log. */
export type Reviewed = Pick<ReviewRow, 'decisionId' | 'tenantId' | 'generationId' | 'stage' | 'action' | 'category'>;

/** Which reviews to list; what is undefined is not asked for. */
export interface ReviewFilter {
  readonly status?: ReviewStatus | undefined;
  readonly tenantId?: string | undefined;
  readonly generationId?: string | undefined;
  readonly stage?: string | undefined;
  readonly action?: string | undefined;
  readonly category?: string | undefined;
  readonly appealed?: boolean | undefined;
  /** The decision that a page begins after. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** One appeal for each decision, and none when it came out as the tenant wants. */
const mayAppeal = sql`${reviews.appeal} is null and ${reviews.status} <> 'approved'`;

/** What somebody does in a review. */
interface Act {
  readonly act: 'appeal' | 'note' | 'reveal' | 'approve' | 'reject';
  readonly actor: string;
  readonly text: string;
}

/** Keeps what people are to look at; all that they do is in the audit log, or it isn't done. */
@Injectable()
export class ReviewQueue {
  private readonly database: Database;
  private readonly log: AuditLog;

  constructor(database: Database, log: AuditLog) {
    this.database = database;
    this.log = log;
  }

  /** Opens reviews of decisions, where there are none yet, in the transaction that enters them. */
  async open(transaction: Queries, flagged: readonly Reviewed[]): Promise<void> {
    if (flagged.length > 0)
      await transaction
        .insert(reviews)
        .values([...flagged])
        .onConflictDoNothing();
  }

  /** Lists reviews, the oldest decision first. */
  async list({ limit, after, appealed, ...wanted }: ReviewFilter): Promise<ReviewRow[]> {
    return await this.database.run((queries) =>
      queries
        .select()
        .from(reviews)
        .where(
          and(
            ...Object.entries(wanted).map(([name, value]) =>
              value === undefined ? undefined : eq(reviews[name as keyof typeof wanted], value),
            ),
            appealed === undefined ? undefined : (appealed ? isNotNull : isNull)(reviews.appealedAt),
            after === undefined ? undefined : gt(reviews.decisionId, after),
          ),
        )
        .orderBy(asc(reviews.decisionId))
        .limit(limit),
    );
  }

  /** Finds the review of a decision; undefined when nobody is to look at it. */
  async find(decisionId: string): Promise<ReviewRow | undefined> {
    const [row] = await this.database.run((queries) => queries.select().from(reviews).where(eq(reviews.decisionId, decisionId)));
    return row;
  }

  /** Lists what reviewers have noted, the oldest first. */
  async notes(decisionId: string): Promise<NoteRow[]> {
    return await this.database.run((queries) =>
      queries.select().from(reviewNotes).where(eq(reviewNotes.decisionId, decisionId)).orderBy(asc(reviewNotes.id)),
    );
  }

  /**
   * Enters a tenant's appeal, which opens the review, also one that was resolved before; the same words again change nothing.
   *
   * @throws {DarkroomError} Thrown with `conflict` when the tenant has appealed in other words, or has no reason to, since it was approved.
   */
  async appeal(reviewed: Reviewed, text: string): Promise<void> {
    if ((await this.find(reviewed.decisionId))?.appeal === text) return;
    const opened = {
      status: 'open',
      appeal: text,
      appealedAt: new Date(),
      resolvedAt: null,
      resolvedBy: null,
      reason: null,
    } as const;
    await this.enter(reviewed, { act: 'appeal', actor: '', text }, async (transaction) => {
      const changed = await transaction
        .insert(reviews)
        .values({ ...reviewed, ...opened })
        .onConflictDoUpdate({ target: reviews.decisionId, set: opened, setWhere: mayAppeal })
        .returning({ id: reviews.decisionId });
      if (changed.length === 0)
        throw conflict('the decision has been appealed against before, or a reviewer has approved of what it was about');
    });
  }

  /**
   * Ends a review.
   *
   * @throws {DarkroomError} Thrown with `conflict` when it was ended before.
   */
  async resolve(review: Reviewed, status: Exclude<ReviewStatus, 'open'>, reviewer: string, reason: string): Promise<void> {
    const act = status === 'approved' ? 'approve' : 'reject';
    await this.enter(review, { act, actor: reviewer, text: reason }, async (transaction) => {
      const changed = await transaction
        .update(reviews)
        .set({ status, resolvedAt: new Date(), resolvedBy: reviewer, reason })
        .where(and(eq(reviews.decisionId, review.decisionId), eq(reviews.status, 'open')))
        .returning({ id: reviews.decisionId });
      if (changed.length === 0) throw conflict('the review was ended before; only an appeal opens it again');
    });
  }

  /** Enters a note for other reviewers. */
  async note(review: Reviewed, author: string, text: string): Promise<void> {
    const { decisionId } = review;
    await this.enter(review, { act: 'note', actor: author, text }, async (transaction, [row]) => {
      if (row !== undefined) await transaction.insert(reviewNotes).values({ id: row.id, decisionId, author, text });
    });
  }

  /** Notes in the log that somebody is shown what was judged, before it is. */
  async reveal(review: Reviewed, reviewer: string): Promise<void> {
    await this.enter(review, { act: 'reveal', actor: reviewer, text: '' });
  }

  private async enter(reviewed: Reviewed, { act, actor, text }: Act, alongside?: Alongside): Promise<void> {
    const { decisionId, tenantId, generationId } = reviewed;
    const textSha256 = text === '' ? '' : createHash('sha256').update(text).digest('hex');
    const review = { decisionId, tenantId, generationId, act, actor, textSha256 };
    const entry = { id: newActId(), atMs: Date.now(), decision: undefined, review, policy: undefined, operator: undefined };
    await this.log.append([{ bytes: AuditEntry.encode(entry).finish(), place: entry.id }], alongside);
  }
}

function conflict(message: string): DarkroomError {
  return new DarkroomError({ code: 'conflict', message });
}
