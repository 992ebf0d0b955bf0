import type { RecentUsageBody, RefusalCountBody } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';
import { Database } from '../database/database.provider.js';
import { and, eq, gte, sql } from '../database/drizzle.js';
import { auditLog, usageLedger } from '../database/schema.js';

const HOUR_MS = 60 * 60_000;

/** Knows what the database has of the last minutes: what was refused, and what was charged. */
@Injectable()
export class RecentRecords {
  private readonly database: Database;
  private readonly pricePerHour: number | undefined;

  constructor(database: Database, { devicePricePerHour }: Config) {
    this.database = database;
    this.pricePerHour = devicePricePerHour;
  }

  /** Counts decisions to refuse since a moment, by stage and category, the most frequent first. */
  async refusals(sinceMs: number): Promise<RefusalCountBody[]> {
    const total = sql<number>`count(*)::double precision`;
    return await this.database.run((queries) =>
      queries
        .select({ stage: auditLog.stage, category: auditLog.category, count: total })
        .from(auditLog)
        .where(and(eq(auditLog.kind, 'decision'), eq(auditLog.action, 'block'), gte(auditLog.at, new Date(sinceMs))))
        .groupBy(auditLog.stage, auditLog.category)
        .orderBy(sql`count(*) desc`),
    );
  }

  /** Sums the ledger over the last hour, and what that cost. */
  async usage(nowMs = Date.now()): Promise<RecentUsageBody> {
    const number = (expression: ReturnType<typeof sql>) => sql<number>`coalesce(${expression}, 0)::double precision`;
    const [row] = await this.database.run((queries) =>
      queries
        .select({
          generations: number(sql`count(*)`),
          images: number(sql`sum(${usageLedger.imageCount})`),
          compute_units: number(sql`sum(${usageLedger.computeUnits})`),
          kernel_seconds: number(sql`sum(${usageLedger.kernelMs}) / 1000`),
        })
        .from(usageLedger)
        .where(gte(usageLedger.recordedAt, new Date(nowMs - HOUR_MS))),
    );
    const sums = row ?? { generations: 0, images: 0, compute_units: 0, kernel_seconds: 0 };
    return { ...sums, cost: this.pricePerHour === undefined ? null : (sums.kernel_seconds / 3_600) * this.pricePerHour };
  }
}
