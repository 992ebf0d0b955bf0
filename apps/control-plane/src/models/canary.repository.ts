import type { CanaryThresholds } from '@darkroom/canary-policy';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { and, asc, eq, ne, sql } from '../database/drizzle.js';
import { canaries } from '../database/schema.js';

/** A canary as the database has it. */
export type CanaryRow = typeof canaries.$inferSelect;

/** A canary as somebody wants it. */
export interface WantedCanary extends CanaryThresholds {
  readonly model: string;
  readonly revision: string;
  /** From 0 to 100. */
  readonly percent: number;
  /** Who wants it. */
  readonly by: string;
}

/** Keeps which part of models' requests goes to newer revisions. */
@Injectable()
export class CanaryRepository {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Lists all that there are and were, by model. */
  async list(): Promise<CanaryRow[]> {
    return await this.database.run((queries) =>
      queries.select().from(canaries).orderBy(asc(canaries.model), asc(canaries.revision)),
    );
  }

  /** Enters a canary, or changes it; another one of the model is retired. One that was not active is watched from now on. */
  async put({ by, ...wanted }: WantedCanary): Promise<CanaryRow> {
    const set = { ...wanted, state: 'active', reason: null, changedBy: by, changedAt: new Date() } as const;
    return await this.database.run((queries) =>
      queries.transaction(async (transaction) => {
        await transaction
          .update(canaries)
          .set({ state: 'retired', percent: 0, changedBy: by, changedAt: new Date() })
          .where(and(eq(canaries.model, wanted.model), ne(canaries.revision, wanted.revision), ne(canaries.state, 'retired')));
        const [row] = await transaction
          .insert(canaries)
          .values(set)
          .onConflictDoUpdate({
            target: [canaries.model, canaries.revision],
            set: {
              ...set,
              watchedFrom: sql`case when ${canaries.state} = 'active' then ${canaries.watchedFrom} else now() end`,
            },
          })
          .returning();
        return row as CanaryRow;
      }),
    );
  }

  /** Enters a canary of a gateway's configuration where the database has nothing of it, and its model has no other; tells whether it did. */
  async adopt({ by, ...wanted }: WantedCanary): Promise<boolean> {
    const entered = await this.database.run((queries) =>
      queries
        .insert(canaries)
        .values({ ...wanted, state: 'active', changedBy: by })
        .onConflictDoNothing()
        .returning({ model: canaries.model }),
    );
    return entered.length > 0;
  }

  /** Ends a model's canary; undefined when it has none. */
  async retire(model: string, by: string): Promise<CanaryRow | undefined> {
    return await this.end(and(eq(canaries.model, model), ne(canaries.state, 'retired')), 'retired', null, by);
  }

  /** Takes an active canary back, for a reason; undefined when it was not active any more, as when another control plane was quicker. */
  async rollBack({ model, revision }: CanaryRow, reason: string, by: string): Promise<CanaryRow | undefined> {
    const which = and(eq(canaries.model, model), eq(canaries.revision, revision), eq(canaries.state, 'active'));
    return await this.end(which, 'rolled_back', reason, by);
  }

  private async end(
    which: ReturnType<typeof and>,
    state: CanaryRow['state'],
    reason: string | null,
    by: string,
  ): Promise<CanaryRow | undefined> {
    const [row] = await this.database.run((queries) =>
      queries
        .update(canaries)
        .set({ state, percent: 0, ...(reason !== null && { reason }), changedBy: by, changedAt: new Date() })
        .where(which)
        .returning(),
    );
    return row;
  }
}
