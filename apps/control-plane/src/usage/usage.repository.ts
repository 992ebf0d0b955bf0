import type { RecordUsageRequest } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { and, desc, eq, gte, lt, sum } from '../database/drizzle.js';
import { type Outcome, usageLedger } from '../database/schema.js';

/** One line of the ledger. */
export type UsageEntry = typeof usageLedger.$inferSelect;

/** What is entered of a generation. */
export type Usage = RecordUsageRequest & { readonly outcome: Outcome };

/** Which lines of the ledger are wanted. */
export interface UsageFilter {
  readonly generationId?: string | undefined;
  readonly tenantId?: string | undefined;
  /** Only generations with a smaller id, that is, begun earlier: the cursor to the next page. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Keeps the usage ledger. */
@Injectable()
export class UsageRepository {
  private readonly database: Database;
  private readonly listeners: ((tenantId: string) => void)[] = [];

  constructor(database: Database) {
    this.database = database;
  }

  /** Enters a generation and says whether it was new; entering it again changes nothing. */
  async record(usage: Usage): Promise<boolean> {
    const entered = await this.database.run((queries) =>
      queries
        .insert(usageLedger)
        .values({ ...usage, computeUnits: computeUnits(usage) })
        .onConflictDoNothing({ target: usageLedger.generationId })
        .returning({ id: usageLedger.generationId }),
    );
    for (const listener of this.listeners) listener(usage.tenantId);
    return entered.length > 0;
  }

  /** Calls the listener with the tenant of each generation that is entered from now on, after it was. */
  onRecorded(listener: (tenantId: string) => void): void {
    this.listeners.push(listener);
  }

  /** Sums the compute units of what was entered for a tenant since a moment. */
  async sumSince(tenantId: string, since: Date): Promise<number> {
    const [row] = await this.database.run((queries) =>
      queries
        .select({ units: sum(usageLedger.computeUnits) })
        .from(usageLedger)
        .where(and(eq(usageLedger.tenantId, tenantId), gte(usageLedger.recordedAt, since))),
    );
    // A sum of bigints is a numeric, which comes as text.
    return Number(row?.units ?? 0);
  }

  /** Lists the ledger, the newest generation first. */
  async list({ generationId, tenantId, before, limit }: UsageFilter): Promise<UsageEntry[]> {
    return await this.database.run((queries) =>
      queries
        .select()
        .from(usageLedger)
        .where(
          and(
            generationId === undefined ? undefined : eq(usageLedger.generationId, generationId),
            tenantId === undefined ? undefined : eq(usageLedger.tenantId, tenantId),
            before === undefined ? undefined : lt(usageLedger.generationId, before),
          ),
        )
        .orderBy(desc(usageLedger.generationId))
        .limit(limit),
    );
  }
}

/** Prices work by what was evaluated; services that don't tell are taken to have made every step of every image. */
function computeUnits({ width, height, steps, guidancePasses, imageCount, evaluations }: Usage): number {
  return width * height * (evaluations > 0 ? evaluations : steps * guidancePasses * imageCount);
}
