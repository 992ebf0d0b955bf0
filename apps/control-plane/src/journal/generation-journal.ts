import { type GenerationJob, generationIdsOf } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { and, asc, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, lte, ne, or, sql } from '../database/drizzle.js';
import { type GenerationStatus, generations, tenants } from '../database/schema.js';
import { OwedMessages } from '../webhooks/owed-messages.js';
import { GenerationChanges } from './generation-changes.js';
import type { Standing } from './standing.js';

/** An Idempotency-Key names one generation for a day. */
const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000;

/** A generation's id is made within so long of the moment that it is said to be of. */
const ID_SLACK_MS = 60 * 60 * 1000;

/** What an id consists of. */
const ID_FORM = 'gen_00000000-0000-0000-0000-000000000000';

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

/** What a generation that has not ended is known by. */
export type UnfinishedId = Pick<GenerationRow, 'id' | 'model' | 'createdAt'>;

/** A generation that can be put into its queue again, and its tenant's weight. */
export interface Unfinished {
  readonly row: GenerationRow;
  readonly weight: number | null;
}

/** A generation that has the Idempotency-Key with which another one came. */
export interface Earlier {
  /** The one that came, and was not entered. */
  readonly id: string;
  readonly earlierId: string;
  readonly requestDigest: string;
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

/** A page of a tenant's generations. */
export interface TenantPage {
  readonly tenantId: string;
  /** Only those made since then. */
  readonly since: Date;
  /** As in {@link GenerationFilter}. */
  readonly before: string | undefined;
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
  private readonly owed: OwedMessages;

  constructor(database: Database, changes: GenerationChanges, owed: OwedMessages) {
    this.database = database;
    this.changes = changes;
    this.owed = owed;
  }

  /**
   * Enters generations, all or none; one that is there already stays as it is, unless it had been withdrawn. Those whose Idempotency-Key
   * has another generation are not entered: returns which.
   */
  async accept(entries: readonly NewGeneration[]): Promise<Earlier[]> {
    // A statement may touch a row but once, and attempts with one Idempotency-Key may come together.
    const all = new Map(entries.map((entry) => [entry.job.id, rowOf(entry)]));
    const earlier = await this.earlierOf([...all.values()]);
    for (const { id } of earlier) all.delete(id);
    if (all.size === 0) return earlier;
    const accepted = await this.database.run((queries) =>
      queries
        .insert(generations)
        .values([...all.values()])
        .onConflictDoUpdate({
          target: generations.id,
          set: { status: 'accepted', endedAt: null, job: sql`excluded.job` },
          setWhere: eq(generations.status, 'withdrawn'),
        })
        .returning(told),
    );
    this.changes.tell(accepted);
    return earlier;
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

  /** Moves generations forward to where they were seen to stand, and notes with their ends which webhooks are to be told. */
  async advance(standings: readonly Standing[]): Promise<void> {
    if (standings.length === 0) return;
    const advanced = await this.database.run((queries) =>
      queries.transaction(async (transaction) => {
        const rows = await transaction
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
          .returning({ ...told, endedAt: generations.endedAt });
        await this.owed.owe(transaction, rows);
        return rows;
      }),
    );
    this.changes.tell(advanced);
  }

  /** Lists the ids of a tenant's generations, the newest first, without those that were withdrawn. */
  async idsOf({ tenantId, since, before, limit }: TenantPage): Promise<string[]> {
    const rows = await this.database.run((queries) =>
      queries
        .select({ id: generations.id })
        .from(generations)
        .where(
          and(
            eq(generations.tenantId, tenantId),
            ne(generations.status, 'withdrawn'),
            gte(generations.createdAt, since),
            before === undefined ? undefined : lt(generations.id, before),
          ),
        )
        .orderBy(desc(generations.id))
        .limit(limit),
    );
    return rows.map(({ id }) => id);
  }

  /** Lists generations that have not ended, the earliest first, without their jobs. */
  async unfinishedIds(after: string, limit: number): Promise<UnfinishedId[]> {
    return await this.database.run((queries) =>
      queries
        .select({ id: generations.id, model: generations.model, createdAt: generations.createdAt })
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
            idPrefix === undefined ? undefined : beginsWith(idPrefix),
            from === undefined && to === undefined ? undefined : isMadeWithin(from, to),
            before === undefined ? undefined : lt(generations.id, before),
          ),
        )
        .orderBy(desc(generations.id))
        .limit(limit),
    );
  }

  /** Finds which generations came with an Idempotency-Key that another one of the last day has. */
  private async earlierOf(rows: readonly (typeof generations.$inferInsert)[]): Promise<Earlier[]> {
    const keyed = rows.flatMap(({ id, tenantId, idempotencyKey: key }) => (key ? [{ id, tenantId, key }] : []));
    if (keyed.length === 0) return [];
    const known = await this.database.run((queries) =>
      queries
        .select()
        .from(generations)
        .where(
          and(
            or(...keyed.map(({ tenantId, key }) => and(eq(generations.tenantId, tenantId), eq(generations.idempotencyKey, key)))),
            gte(generations.createdAt, new Date(Date.now() - IDEMPOTENCY_MS)),
          ),
        ),
    );
    return keyed.flatMap(({ id, tenantId, key }) => {
      const earlier = known.find((row) => row.tenantId === tenantId && row.idempotencyKey === key && row.id !== id);
      return earlier ? [{ id, earlierId: earlier.id, requestDigest: earlier.requestDigest ?? '' }] : [];
    });
  }
}

/** Ids of one form are in the same order in every collation, so that their index finds a prefix; `starts_with` alone would read all. */
function beginsWith(prefix: string) {
  const filled = (digit: string) => prefix + ID_FORM.slice(prefix.length).replaceAll('0', digit);
  return and(gte(generations.id, filled('0')), lte(generations.id, filled('f')), sql`starts_with(${generations.id}, ${prefix})`);
}

/** Ids begin with their moment: their index leads to where the time begins, whatever else is asked for. */
function isMadeWithin(from: Date | undefined, to: Date | undefined) {
  const [first, last] = generationIdsOf((from?.getTime() ?? 0) - ID_SLACK_MS, (to?.getTime() ?? 0) + ID_SLACK_MS);
  return and(
    from && and(gte(generations.id, first), gte(generations.createdAt, from)),
    to && and(lte(generations.id, last), lt(generations.createdAt, to)),
  );
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
