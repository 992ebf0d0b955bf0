import { setTimeout as sleep } from 'node:timers/promises';
import { Lifecycle, Log, Metrics } from '@darkroom/service-kit';
import { WaitingEntries, type WaitingEntry } from '@darkroom/service-kit/audit';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { PolicyRepository } from '../policies/policy.repository.js';
import { ReviewQueue } from '../review/review-queue.js';
import { isFlagged, reviewedOf } from '../review/reviewed.js';
import { AuditLog } from './audit-log.js';
import { readEntry } from './entry-facts.js';

/** Entries taken over in one transaction. */
const MOST = 256;
/** So long a reading waits for an entry before it is begun anew. */
const PATIENCE_MS = 5_000;
/** Pause in which entries gather: a transaction for each would take more of the machine than judging prompts does. */
const GATHER_MS = 200;
/** Wait after a failure, most often of a database that is not open yet. */
const PAUSE_MS = 1_000;

/** Takes the entries that wait in Redis over into the audit log; what is taken over twice is entered once. */
@Injectable()
export class AuditIntake implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly waiting: WaitingEntries | undefined;
  private readonly auditLog: AuditLog;
  private readonly reviews: ReviewQueue;
  private readonly policies: PolicyRepository;
  private readonly log: Log;
  private readonly stopping: AbortSignal;
  private readonly entered;
  private running: Promise<void> | undefined;
  /** When the earliest entry was made that was read and is not in the log yet. */
  private earliestMs: number | undefined;

  constructor(
    { redisUrl }: Config,
    auditLog: AuditLog,
    reviews: ReviewQueue,
    policies: PolicyRepository,
    lifecycle: Lifecycle,
    log: Log,
    metrics: Metrics,
  ) {
    this.stopping = lifecycle.draining;
    // Ends a reading that waits; what is being entered is entered.
    this.stopping.addEventListener('abort', () => this.waiting?.close(), { once: true });
    this.waiting = redisUrl === undefined ? undefined : new WaitingEntries(redisUrl, log);
    this.auditLog = auditLog;
    this.reviews = reviews;
    this.policies = policies;
    this.log = log;
    this.entered = metrics.counter({
      name: 'darkroom_audit_entries_total',
      help: 'Entries that were taken over into the audit log, by kind.',
      labelNames: ['kind'],
    });
    metrics.gauge({
      name: 'darkroom_audit_lag_seconds',
      help: 'How long the earliest entry has waited that could not be taken over into the audit log yet.',
      collect: (gauge) => gauge.set(this.earliestMs === undefined ? 0 : (Date.now() - this.earliestMs) / 1000),
    });
  }

  onApplicationBootstrap(): void {
    if (this.waiting === undefined) this.log.warn('REDIS_URL is not set: no entries are taken over into the audit log');
    else this.running = this.run(this.waiting);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.running;
  }

  private async run(waiting: WaitingEntries): Promise<void> {
    const signal = this.stopping;
    for (let failed = false; !signal.aborted; ) {
      try {
        if ((await this.takeOver(waiting)) < MOST) await sleep(GATHER_MS, undefined, { signal });
        failed = false;
      } catch (error) {
        if (signal.aborted) return;
        if (!failed) this.log.warn('the audit log can not be written; trying again', { error });
        failed = true;
        await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Takes over what waits, and says how much that was. */
  private async takeOver(waiting: WaitingEntries): Promise<number> {
    const entries = await waiting.next(MOST, PATIENCE_MS);
    if (entries.length === 0) return 0;
    this.earliestMs = madeAtMs(entries);
    const entered = await this.auditLog.append(entries, async (transaction, rows) => {
      await this.reviews.open(transaction, rows.filter(isFlagged).map(reviewedOf));
      const digests = rows.map(({ entry }) => readEntry(entry)?.decision?.policyDigest ?? '');
      await this.policies.remember(transaction, digests);
    });
    for (const { kind, id } of entered) {
      if (kind === 'unreadable') this.log.error('an entry of the audit log can not be read; it is kept as it is', { id });
      this.entered.inc({ kind });
    }
    this.earliestMs = undefined;
    await waiting.forget(entries);
    return entries.length;
  }
}

function madeAtMs([first]: readonly WaitingEntry[]): number | undefined {
  return first && readEntry(first.bytes)?.atMs;
}
