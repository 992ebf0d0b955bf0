import type { AuditKind } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import type { Queries } from '../database/database.js';
import { Database } from '../database/database.provider.js';
import { and, asc, desc, eq, gt, gte, inArray, lt } from '../database/drizzle.js';
import { auditHead, auditLog } from '../database/schema.js';
import { linkHash } from './chain.js';
import { factsOf } from './entry-facts.js';

/** One entry as the database has it. */
export type LogRow = typeof auditLog.$inferSelect;

/** Bytes of an entry, and what it is called should nobody be able to read it. */
export interface NewEntry {
  readonly bytes: Uint8Array;
  readonly place: string;
}

/** What is done in the transaction that enters rows. */
export type Alongside = (transaction: Queries, rows: readonly LogRow[]) => Promise<void>;

/** Which entries to list; what is undefined is not asked for. */
export interface LogFilter {
  readonly kind?: AuditKind | undefined;
  readonly tenantId?: string | undefined;
  readonly generationId?: string | undefined;
  readonly stage?: string | undefined;
  readonly action?: string | undefined;
  readonly category?: string | undefined;
  readonly subject?: string | undefined;
  readonly since?: Date | undefined;
  /** The number that a page ends before. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Keeps the audit log; what is in it is never changed. */
@Injectable()
export class AuditLog {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /**
   * Enters what the log does not have yet, in this order, all or nothing, and returns those rows.
   *
   * @param alongside what has to be done in the same transaction, after they were entered; should it throw, nothing is.
   */
  async append(entries: readonly NewEntry[], alongside?: Alongside): Promise<LogRow[]> {
    return await this.database.run((queries) =>
      queries.transaction(async (transaction) => {
        // Held until the end: whoever else enters something waits, and goes on from here.
        const [head] = await transaction.select().from(auditHead).for('update');
        if (head === undefined) throw new Error('the audit log has lost its head');
        const all = entries.map(({ bytes, place }) => ({ bytes: Buffer.from(bytes), facts: factsOf(bytes, place) }));
        const ids = all.map(({ facts }) => facts.id);
        const known = await transaction.select({ id: auditLog.id }).from(auditLog).where(inArray(auditLog.id, ids));
        const seen = new Set(known.map(({ id }) => id));
        let { sequence, hash } = head;
        const rows: LogRow[] = [];
        for (const { bytes, facts } of all) {
          if (seen.has(facts.id)) continue;
          seen.add(facts.id);
          sequence += 1;
          hash = linkHash(hash, bytes);
          rows.push({ sequence, ...facts, entry: bytes, hash });
        }
        if (rows.length === 0) return rows;
        await transaction.insert(auditLog).values(rows);
        await transaction.update(auditHead).set({ sequence, hash });
        await alongside?.(transaction, rows);
        return rows;
      }),
    );
  }

  /** Lists entries, the newest first. */
  async list({ limit, before, since, ...wanted }: LogFilter): Promise<LogRow[]> {
    return await this.database.run((queries) =>
      queries
        .select()
        .from(auditLog)
        .where(
          and(
            ...Object.entries(wanted).map(([name, value]) =>
              value === undefined ? undefined : eq(auditLog[name as keyof typeof wanted], value),
            ),
            since === undefined ? undefined : gte(auditLog.at, since),
            before === undefined ? undefined : lt(auditLog.sequence, before),
          ),
        )
        .orderBy(desc(auditLog.sequence))
        .limit(limit),
    );
  }

  async find(id: string): Promise<LogRow | undefined> {
    const [row] = await this.database.run((queries) => queries.select().from(auditLog).where(eq(auditLog.id, id)));
    return row;
  }

  /** Finds several entries, by their ids; those that are not there are left out. */
  async findAll(ids: readonly string[]): Promise<ReadonlyMap<string, LogRow>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.run((queries) =>
      queries
        .select()
        .from(auditLog)
        .where(inArray(auditLog.id, [...ids])),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Returns the next entries after a number, the earliest first. */
  async after(sequence: number, limit: number): Promise<LogRow[]> {
    return await this.database.run((queries) =>
      queries.select().from(auditLog).where(gt(auditLog.sequence, sequence)).orderBy(asc(auditLog.sequence)).limit(limit),
    );
  }

  /** Says where the log ends. */
  async head(): Promise<{ sequence: number; hash: Buffer }> {
    const [head] = await this.database.run((queries) => queries.select().from(auditHead));
    if (head === undefined) throw new Error('the audit log has lost its head');
    return head;
  }
}
