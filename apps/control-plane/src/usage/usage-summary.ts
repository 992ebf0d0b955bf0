import { DarkroomError, type UsageSum } from '@darkroom/contracts';
import type { AdminUsageGrouping } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { and, eq, gte, lt, sql } from '../database/drizzle.js';
import { type Outcome, usageLedger } from '../database/schema.js';

/** Most lines of one summary; a tenant with many keys asks for fewer days, or for the days of fewer things. */
const MOST_LINES = 10_000;

/** What is summed, and by what. */
export interface UsageQuestion {
  /** Absent for all tenants, and keys. */
  readonly tenantId: string | undefined;
  readonly keyId: string | undefined;
  /** Unix milliseconds: the first one, and the first one that doesn't count any more. */
  readonly fromMs: number;
  readonly endMs: number;
  readonly groupBy: readonly AdminUsageGrouping[];
}

/** A sum, and whose it is where it was summed by tenants. */
export type TenantUsageSum = UsageSum & { readonly tenantId: string };

/** Sums the ledger. */
@Injectable()
export class UsageSummary {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /**
   * Sums what the ledger has, in the order of days, tenants, models and keys.
   *
   * @throws {DarkroomError} Thrown with `invalid_argument` when it would be too many lines.
   */
  async of({ tenantId, keyId, fromMs, endMs, groupBy }: UsageQuestion): Promise<TenantUsageSum[]> {
    const columns = {
      day: sql<string>`to_char(${usageLedger.recordedAt} at time zone 'UTC', 'YYYY-MM-DD')`,
      tenant: sql<string>`${usageLedger.tenantId}`,
      model: sql<string>`${usageLedger.model}`,
      key: sql<string>`${usageLedger.keyId}`,
    };
    const own = (name: AdminUsageGrouping) => (groupBy.includes(name) ? columns[name] : sql<string>`''`);
    const grouped = groupBy.map((name) => columns[name]);
    const rows = await this.database.run((queries) =>
      queries
        .select({
          date: own('day'),
          tenantId: own('tenant'),
          model: own('model'),
          keyId: own('key'),
          generations: number(sql`count(*)`),
          images: number(sql`sum(${usageLedger.imageCount})`),
          computeUnits: number(sql`sum(${usageLedger.computeUnits})`),
          kernelSeconds: number(sql`sum(${usageLedger.kernelMs}) / 1000`),
          succeeded: ended('succeeded'),
          cancelled: ended('cancelled'),
          deadlineExceeded: ended('deadline_exceeded'),
        })
        .from(usageLedger)
        .where(
          and(
            gte(usageLedger.recordedAt, new Date(fromMs)),
            lt(usageLedger.recordedAt, new Date(endMs)),
            tenantId === undefined ? undefined : eq(usageLedger.tenantId, tenantId),
            keyId === undefined ? undefined : eq(usageLedger.keyId, keyId),
          ),
        )
        .groupBy(...grouped)
        .orderBy(...grouped)
        .limit(MOST_LINES + 1),
    );
    if (rows.length <= MOST_LINES) return rows;
    throw new DarkroomError({
      code: 'invalid_argument',
      message: `that would be more than ${MOST_LINES.toLocaleString('en')} lines; ask for fewer days, or leave something out of \`group_by\``,
      param: 'group_by',
    });
  }
}

/** Sums of whole numbers are numerics, which would come as text. */
function number(expression: ReturnType<typeof sql>) {
  return sql<number>`(${expression})::double precision`;
}

function ended(outcome: Outcome) {
  return number(sql`count(*) filter (where ${usageLedger.outcome} = ${outcome})`);
}
