import type { GenerationJob } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { and, asc, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, sql } from '../database/drizzle.js';
import { type GenerationStatus, generations, tenants } from '../database/schema.js';
import { GenerationChanges } from './generation-changes.js';

/** One generation as the journal has it. */
export type GenerationRow = typeof generations.$inferSelect;

/** A generation that is to be entered, and the bytes that its queue gets. */
export interface NewGeneration {
  readonly job: GenerationJob;
  readonly bytes: Buffer;
  /** Digests of its Idempotency-Key and of its request; null without a key. */
  readonly idempotencyKey: string | null;
  readonly requestDigest: string | null;
}

/** How a generation that a worker has begun was seen to stand in its queue. */
export interface Standing {
  readonly id: string;
  readonly status: 'running' | 'succeeded' | 'failed' | 'cancelled';
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly attempts: number;
  readonly worker: string | null;
}

/** A generation that can be put into its queue again, and its tenant's weight. */
export interface Unfinished {
  readonly row: GenerationRow;
  readonly weight: number | null;
}

/** Which generations are wanted; what is undefined is not asked for. */
export interface GenerationFilter {
  readonly tenantId?: string | undefined;
  readonly model?: string | undefined;
  readonly status?: GenerationStatus | undefined;
  readonly keyId?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly worker?: string | undefined;
  /** How its id begins. */
  readonly idPrefix?: string | undefined;
  /** When it was asked for: from the one moment on, and before the other. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only generations with a smaller id, that is, made earlier: the cursor to the next page. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** What a listener is told of a row. */
const told = {
  id: generations.id,
  tenantId: generations.tenantId,
  model: generations.model,
  status: generations.status,
  errorCode: generations.errorCode,
};

const isUnfinished = inArray(generations.status, ['accepted', 'running']);

/**
 * The journal of generations: entered before they get into their queues, and kept up to date from there.
 *
 * A status only moves forward, so that whoever sees it late or twice changes nothing. One that was withdrawn may still go on: then its
 * queue had got it after all, though it didn't say so, and a worker was quicker than who took it back.
 */
@Injectable()
export class GenerationJournal {
  private readonly database: Database;
  private readonly changes: GenerationChanges;

  constructor(database: Database, changes: GenerationChanges) {
    this.database = database;
    this.changes = changes;
  }

  /** Enters generations, all or none; one that is there already stays as it is, unless it had been withdrawn. */
  async accept(entries: readonly NewGeneration[]): Promise<void> {
    // A statement may touch a row but once, and attempts with one Idempotency-Key may come together.
    const rows = [...new Map(entries.map((entry) => [entry.job.id, rowOf(entry)])).values()];
    if (rows.length === 0) return;
    const accepted = await this.database.run((queries) =>
      queries
        .insert(generations)
        .values(rows)
        .onConflictDoUpdate({
          target: generations.id,
          set: { status: 'accepted', endedAt: null, job: sql`excluded.job` },
          setWhere: eq(generations.status, 'withdrawn'),
        })
        .returning(told),
    );
    this.changes.tell(accepted);
  }

  /** Takes back generations that no worker was seen to begin. */
  async withdraw(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const withdrawn = await this.database.run((queries) =>
      queries
        .update(generations)
        .set({ status: 'withdrawn', endedAt: new Date(), job: null })
        .where(and(inArray(generations.id, [...ids]), eq(generations.status, 'accepted')))
        .returning(told),
    );
    this.changes.tell(withdrawn);
  }

  /** Notes that generations are wanted no more; those that have ended stay as they are. */
  async noteCancellations(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.database.run((queries) =>
      queries
        .update(generations)
        .set({ cancelRequestedAt: new Date() })
        .where(and(inArray(generations.id, [...ids]), isUnfinished, isNull(generations.cancelRequestedAt))),
    );
  }

  /** Moves generations forward to where they were seen to stand. */
  async advance(standings: readonly Standing[]): Promise<void> {
    if (standings.length === 0) return;
    const advanced = await this.database.run((queries) =>
      queries
        .update(generations)
        .set({
          status: sql`seen.status`,
          errorCode: sql`seen."errorCode"`,
          errorMessage: sql`seen."errorMessage"`,
          startedAt: sql`coalesce(seen."startedAt", ${generations.startedAt})`,
          endedAt: sql`seen."endedAt"`,
          attempts: sql`greatest(seen.attempts, ${generations.attempts})`,
          worker: sql`coalesce(seen.worker, ${generations.worker})`,
          job: sql`case when seen.status = 'running' then ${generations.job} end`,
        })
        .from(sql`jsonb_to_recordset(${JSON.stringify(standings)}::jsonb) as seen(id text, status text, "errorCode" text,
          "errorMessage" text, "startedAt" timestamptz, "endedAt" timestamptz, attempts integer, worker text)`)
        .where(
          sql`${generations.id} = seen.id and (${generations.status} in ('accepted', 'withdrawn') or
            ${generations.status} = 'running' and (seen.status <> 'running' or seen.attempts > ${generations.attempts}))`,
        )
        .returning(told),
    );
    this.changes.tell(advanced);
  }

  /** Lists generations that have not ended, the earliest first, without their jobs. */
  async unfinishedIds(after: string, limit: number): Promise<{ id: string; model: string }[]> {
    return await this.database.run((queries) =>
      queries
        .select({ id: generations.id, model: generations.model })
        .from(generations)
        .where(and(isUnfinished, gt(generations.id, after)))
        .orderBy(asc(generations.id))
        .limit(limit),
    );
  }

  /** Returns those of some generations that can be put into their queues again, the earliest first. */
  async unfinished(ids: readonly string[]): Promise<Unfinished[]> {
    if (ids.length === 0) return [];
    return await this.database.run((queries) =>
      queries
        .select({ row: generations, weight: tenants.weight })
        .from(generations)
        .leftJoin(tenants, eq(tenants.id, generations.tenantId))
        .where(and(inArray(generations.id, [...ids]), isUnfinished, isNotNull(generations.job)))
        .orderBy(asc(generations.id)),
    );
  }

  async find(id: string): Promise<GenerationRow | undefined> {
    const [row] = await this.database.run((queries) => queries.select().from(generations).where(eq(generations.id, id)));
    return row;
  }

  /** Lists generations, the newest first. */
  async list({ idPrefix, from, to, before, limit, ...wanted }: GenerationFilter): Promise<GenerationRow[]> {
    return await this.database.run((queries) =>
      queries
        .select()
        .from(generations)
        .where(
          and(
            ...Object.entries(wanted).map(([name, value]) =>
              value === undefined ? undefined : eq(generations[name as keyof typeof wanted], value),
            ),
            idPrefix === undefined ? undefined : sql`starts_with(${generations.id}, ${idPrefix})`,
            from === undefined ? undefined : gte(generations.createdAt, from),
            to === undefined ? undefined : lt(generations.createdAt, to),
            before === undefined ? undefined : lt(generations.id, before),
          ),
        )
        .orderBy(desc(generations.id))
        .limit(limit),
    );
  }
}

function rowOf({ job, bytes, idempotencyKey, requestDigest }: NewGeneration): typeof generations.$inferInsert {
  return {
    id: job.id,
    tenantId: job.tenantId,
    keyId: job.keyId,
    model: job.model,
    kind: job.imageBlobKey === '' ? 'generation' : 'edit',
    createdAt: new Date(job.createdAtMs),
    imageCount: job.imageCount,
    width: job.width,
    height: job.height,
    steps: job.steps,
    expectedSeconds: job.expectedSeconds,
    idempotencyKey,
    requestDigest,
    job: bytes,
  };
}
