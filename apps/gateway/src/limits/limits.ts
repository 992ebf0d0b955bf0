import { DarkroomError } from '@darkroom/contracts';
import type { UsageLimitsBody } from '@darkroom/contracts/http';
import { Log, Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import type { Caller, MonthlyUsage } from '../auth/caller.js';
import { Neighbours } from '../neighbours/neighbours.js';
import { notTheirFault } from '../neighbours/not-their-fault.js';
import { LimitHeaders } from './limit-headers.js';
import { type Beginning, computeBucket, type Level, LimitStore, monthOf, type Portion } from './limit-store.js';

/** When a place among concurrent generations is free nobody knows; so long a client that wants one waits before it asks again. */
const ASK_AGAIN_SECONDS = 1;

/** A generation that is to begin. */
export interface Work {
  readonly id: string;
  readonly model: string;
  /** Its price. */
  readonly computeUnits: number;
  /** Unix milliseconds; absent for never. */
  readonly deadlineAtMs: number | undefined;
}

/** What a generation has taken of its tenant's limits. */
export interface Reservation {
  /** Gives it back, since the generation does not begin after all. It does not throw: what stays taken comes back by itself. */
  release(): Promise<void>;
}

const nothingTaken: Reservation = { release: async () => {} };

/** Holds tenants to their limits: requests and compute a minute, compute a month, and generations at a time. */
@Injectable()
export class Limits {
  private readonly store: LimitStore;
  private readonly headers: LimitHeaders;
  private readonly neighbours: Neighbours;
  private readonly log: Log;
  private readonly refusals;

  constructor(store: LimitStore, headers: LimitHeaders, neighbours: Neighbours, log: Log, metrics: Metrics) {
    this.store = store;
    this.headers = headers;
    this.neighbours = neighbours;
    this.log = log;
    this.refusals = metrics.counter({
      name: 'darkroom_limit_refusals_total',
      help: 'Requests that a limit refused, by the limit.',
      labelNames: ['limit'],
    });
  }

  /**
   * Counts a request, whatever it asks for.
   *
   * @throws {DarkroomError} Thrown with `rate_limited` when the tenant or the key has made too many, with when it may make one more; with
   *   `unavailable` when there is a limit and Redis is away.
   */
  async countRequest(caller: Caller): Promise<void> {
    const requests = requestPortions(caller);
    const { computeUnitsPerMinute } = caller.tenant;
    const compute = computeUnitsPerMinute === undefined ? [] : [{ ...computeOf(caller, computeUnitsPerMinute), amount: 0 }];
    if (requests.length + compute.length === 0) return;
    const { short, waitSeconds, levels } = await this.store.take([...requests, ...compute]);
    const least = levels.slice(0, requests.length).sort((a, b) => a.remaining - b.remaining)[0];
    this.headers.tell(caller, { requests: least, compute: levels[requests.length] });
    const refusing = short === undefined ? undefined : requests[short];
    if (refusing === undefined) return;
    const whose = short === 0 && caller.tenant.requestsPerMinute !== undefined ? 'this tenant' : 'this key';
    throw this.refusal('requests', `${whose} may make ${refusing.limit} requests a minute`, waitSeconds);
  }

  /**
   * Takes from the tenant's limits what a generation needs. One that has taken before takes nothing.
   *
   * @throws {DarkroomError} Thrown with `rate_limited` when it exceeds a limit, which the message names, and nothing is taken then, not
   *   even of the requests; with `unavailable` when there is a limit and Redis or the control plane is away.
   */
  async reserve(caller: Caller, { id, model, computeUnits, deadlineAtMs = 0 }: Work): Promise<Reservation> {
    const { computeUnitsPerMinute = 0, computeUnitsPerMonth = 0, concurrentGenerations = 0 } = caller.tenant;
    if (computeUnitsPerMinute + computeUnitsPerMonth + concurrentGenerations === 0) return nothingTaken;
    const limits = { computeUnitsPerMinute, computeUnitsPerMonth, concurrentGenerations };
    const beginning = { id, tenantId: caller.tenantId, model, computeUnits, deadlineAtMs, ...limits };
    const { verdict, waitSeconds, level } = await this.begin(beginning, caller.tenant.monthlyUsage);
    if (computeUnitsPerMinute > 0) this.headers.tell(caller, { compute: level });
    switch (verdict) {
      case 'known':
        return nothingTaken;
      case 'begun':
        return { release: () => this.release(caller, beginning) };
      default:
        await this.giveRequestBack(caller);
        throw this.refusal(verdict, ...reasonOf(verdict, beginning, waitSeconds));
    }
  }

  /** Enters a generation that goes on, whatever the limits are, since Redis has forgotten that it had begun. */
  async restore(tenantId: string, { deadlineAtMs = 0, ...work }: Work, monthlyUsage: MonthlyUsage): Promise<void> {
    const unlimited = { computeUnitsPerMinute: 0, computeUnitsPerMonth: 0, concurrentGenerations: 0 };
    await this.store.begin({ ...work, tenantId, deadlineAtMs, ...unlimited }, monthlyUsage, true);
  }

  /** Tells a caller its limits, and what is left of them. */
  async show(caller: Caller): Promise<UsageLimitsBody> {
    const { tenantId, tenant } = caller;
    const { computeUnitsPerMinute, computeUnitsPerMonth = null, concurrentGenerations } = tenant;
    const [{ levels }, month] = await Promise.all([
      this.store.take(requestPortions(caller).map((portion) => ({ ...portion, amount: 0 }))),
      this.monthlyUsage(tenantId),
    ]);
    const { running, computeUnitsThisMonth: used, level } = await this.store.look(tenantId, month, computeUnitsPerMinute ?? 0);
    const ofTenant = tenant.requestsPerMinute === undefined ? undefined : levels.shift();
    return {
      object: 'usage_limits',
      requests_per_minute: viewLevel(ofTenant),
      key_requests_per_minute: viewLevel(levels.shift()),
      compute_units_per_minute: viewLevel(computeUnitsPerMinute === undefined ? undefined : level),
      compute_units_per_month: {
        limit: computeUnitsPerMonth,
        used,
        remaining: computeUnitsPerMonth === null ? null : Math.max(0, computeUnitsPerMonth - used),
        resets_at: new Date(Date.now() + secondsUntilNextMonth(Date.now()) * 1000).toISOString(),
      },
      concurrent_generations:
        concurrentGenerations === undefined
          ? null
          : { limit: concurrentGenerations, running, remaining: Math.max(0, concurrentGenerations - running) },
    };
  }

  /** Asks the ledger what a tenant has used this month. */
  async monthlyUsage(tenantId: string): Promise<MonthlyUsage> {
    const asOfMs = Date.now();
    try {
      const { computeUnits } = await this.neighbours.controlPlane.getMonthlyUsage({ tenantId });
      return { computeUnits, asOfMs };
    } catch (error) {
      throw notTheirFault(error, [], 'the ledger can not be asked at the moment; nothing was started');
    }
  }

  private async begin(beginning: Beginning, known: MonthlyUsage) {
    let isJustAsked = monthOf(known.asOfMs) !== monthOf(Date.now());
    let month = isJustAsked ? await this.monthlyUsage(beginning.tenantId) : known;
    for (;;) {
      const { verdict, ...answer } = await this.store.begin(beginning, month, isJustAsked);
      if (verdict !== 'ask') return { verdict, ...answer };
      // What has ended since the ledger was asked still counts at its full price.
      month = await this.monthlyUsage(beginning.tenantId);
      isJustAsked = true;
    }
  }

  private async release(caller: Caller, beginning: Beginning): Promise<void> {
    try {
      const level = await this.store.giveBack(beginning);
      if (beginning.computeUnitsPerMinute > 0) this.headers.tell(caller, { compute: level });
    } catch (error) {
      this.log.warn('a generation that did not begin keeps what it took of the limits for a while', {
        generationId: beginning.id,
        error,
      });
    }
  }

  private async giveRequestBack(caller: Caller): Promise<void> {
    const portions = requestPortions(caller).map((portion) => ({ ...portion, amount: -portion.amount }));
    if (portions.length === 0) return;
    const { levels } = await this.store.take(portions);
    this.headers.tell(caller, { requests: levels.sort((a, b) => a.remaining - b.remaining)[0] });
  }

  private refusal(limit: string, reason: string, retryAfterSeconds: number): DarkroomError {
    this.refusals.inc({ limit });
    return new DarkroomError({ code: 'rate_limited', message: `the limit is reached: ${reason}`, retryAfterSeconds });
  }
}

/** Returns the buckets that a request is taken from, the tenant's first. */
export function requestPortions({ tenantId, keyId, tenant, requestsPerMinute }: Caller): Portion[] {
  const ofTenant = { of: `requests:${tenantId}`, limit: tenant.requestsPerMinute ?? 0, amount: 1 };
  const ofKey = { of: `requests:${keyId}`, limit: requestsPerMinute ?? 0, amount: 1 };
  return [ofTenant, ofKey].filter(({ limit }) => limit > 0);
}

function computeOf({ tenantId }: Caller, limit: number) {
  return { of: computeBucket(tenantId), limit };
}

/** Says which limit a generation would exceed, and after how many seconds it might not. */
function reasonOf(
  verdict: 'concurrent' | 'month' | 'compute',
  { computeUnits, computeUnitsPerMinute, computeUnitsPerMonth, concurrentGenerations }: Beginning,
  waitSeconds: number,
): [reason: string, retryAfterSeconds: number] {
  const amount = (units: number) => `${units.toLocaleString('en')} compute units`;
  const price = `this generation takes ${amount(computeUnits)}`;
  switch (verdict) {
    case 'concurrent':
      return [`this tenant may have ${concurrentGenerations} generations at a time, waiting or running`, ASK_AGAIN_SECONDS];
    case 'month':
      return [`this tenant may use ${amount(computeUnitsPerMonth)} a month; ${price}`, secondsUntilNextMonth(Date.now())];
    case 'compute':
      return [`this tenant may use ${amount(computeUnitsPerMinute)} a minute; ${price}`, waitSeconds];
  }
}

function viewLevel(level: Level | undefined) {
  if (level === undefined) return null;
  return { limit: level.limit, remaining: level.remaining, reset_seconds: level.secondsUntilFull };
}

/** Returns the seconds until a month of UTC begins anew. */
export function secondsUntilNextMonth(nowMs: number): number {
  const now = new Date(nowMs);
  return (Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1) - nowMs) / 1000;
}
