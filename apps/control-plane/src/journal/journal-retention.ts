import { setTimeout as sleep } from 'node:timers/promises';
import { generationIdsOf } from '@darkroom/contracts';
import { Lifecycle, Log, Metrics } from '@darkroom/service-kit';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { Database } from '../database/database.provider.js';
import { and, asc, eq, exists, inArray, lt, ne, or } from '../database/drizzle.js';
import { generations, usageLedger } from '../database/schema.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Pause between looks, and before the first one. */
const LOOK_MS = 60 * 60 * 1000;

/** Generations deleted in one statement: some milliseconds of the database. */
const BATCH = 500;

/** Pause between batches, in which others have the database. */
const PAUSE_MS = 200;

/** Deletes generations from the journal that ended long ago. Every control plane does so: rows that one has in hand the others leave alone. */
@Injectable()
export class JournalRetention implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly keptMs: number;
  private readonly database: Database;
  private readonly stopping: AbortSignal;
  private readonly log: Log;
  private readonly deleted;
  private running: Promise<void> | undefined;

  constructor({ journalRetentionDays }: Config, database: Database, lifecycle: Lifecycle, log: Log, metrics: Metrics) {
    this.keptMs = journalRetentionDays * DAY_MS;
    this.database = database;
    this.stopping = lifecycle.draining;
    this.log = log;
    this.deleted = metrics.counter({
      name: 'darkroom_journal_deleted_total',
      help: 'Generations that were deleted from the journal, since they ended more than JOURNAL_RETENTION_DAYS ago.',
    });
  }

  onApplicationBootstrap(): void {
    if (this.keptMs > 0) this.running = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.running;
  }

  /** Deletes what ended before the time that is kept, some at a time, and returns how many that were. */
  async clear(): Promise<number> {
    const before = new Date(Date.now() - this.keptMs);
    let count = 0;
    while (!this.stopping.aborted) {
      const deleted = await this.deleteSome(before);
      this.deleted.inc(deleted);
      count += deleted;
      if (deleted < BATCH) break;
      await this.pause(PAUSE_MS);
    }
    return count;
  }

  private async run(): Promise<void> {
    for (;;) {
      await this.pause(LOOK_MS);
      if (this.stopping.aborted) return;
      try {
        const count = await this.clear();
        if (count > 0) this.log.info('generations that ended long ago were deleted from the journal', { count });
      } catch (error) {
        this.log.warn('the journal could not be cleared of what ended long ago; trying again in an hour', { error });
      }
    }
  }

  /** What has succeeded and is not in the ledger, should there be any, stays: it says what is still to be charged. */
  private async deleteSome(before: Date): Promise<number> {
    // What ended before then was made before then; so the index of ids leads to it.
    const [, last] = generationIdsOf(0, before.getTime());
    const rows = await this.database.run((queries) => {
      const charged = queries
        .select({ id: usageLedger.generationId })
        .from(usageLedger)
        .where(eq(usageLedger.generationId, generations.id));
      const some = queries
        .select({ id: generations.id })
        .from(generations)
        .where(
          and(
            lt(generations.id, last),
            inArray(generations.status, ['succeeded', 'failed', 'cancelled', 'withdrawn']),
            lt(generations.endedAt, before),
            or(ne(generations.status, 'succeeded'), exists(charged)),
          ),
        )
        .orderBy(asc(generations.id))
        .limit(BATCH)
        .for('update', { skipLocked: true });
      return queries.delete(generations).where(inArray(generations.id, some)).returning({ id: generations.id });
    });
    return rows.length;
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping, ref: false }).catch(() => undefined);
  }
}
