import { Injectable } from '@nestjs/common';
import { UsageRepository } from './usage.repository.js';

/** How long a sum is used. It is made anew before that when this process enters something into the ledger. */
const LIFETIME_MS = 2_000;

/** Most tenants whose sums are kept. */
const MOST_KEPT = 10_000;

interface KeptSum {
  readonly sum: Promise<number>;
  readonly since: number;
  readonly until: number;
}

/** Knows what tenants have used this month, at the cost of one query in a while. */
@Injectable()
export class MonthlyUsage {
  private readonly usage: UsageRepository;
  private readonly kept = new Map<string, KeptSum>();

  constructor(usage: UsageRepository) {
    this.usage = usage;
    // An entry of this process is in every sum that is asked for after it; those of other processes are seen within the lifetime.
    usage.onRecorded((tenantId) => this.kept.delete(tenantId));
  }

  /** Returns the compute units that the ledger has of a tenant since the month began, in UTC. */
  async of(tenantId: string, nowMs = Date.now()): Promise<number> {
    const since = monthStart(nowMs);
    const kept = this.kept.get(tenantId);
    if (kept !== undefined && kept.until > nowMs && kept.since === since) return await kept.sum;
    const sum = this.usage.sumSince(tenantId, new Date(since));
    if (this.kept.size >= MOST_KEPT) this.kept.clear();
    this.kept.set(tenantId, { sum, since, until: nowMs + LIFETIME_MS });
    sum.catch(() => this.kept.delete(tenantId));
    return await sum;
  }
}

/** Returns when the month of a moment began, in UTC and Unix milliseconds. */
export function monthStart(atMs: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}
