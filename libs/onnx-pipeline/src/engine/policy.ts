/** What the policy knows of one generation that wants passes of the transformer. Times are milliseconds of any one clock. */
export interface PlannedGeneration {
  readonly id: string;
  readonly tenant: string;
  /** Larger is more urgent. */
  readonly priority: number;
  /** When it arrived. */
  readonly arrivalMs: number;
  /** When it is of no use any more; absent where it always is. */
  readonly deadlineMs?: number | undefined;
  /** Generations of the same bucket can share a pass. */
  readonly bucket: string;
  /** Rows it takes in a batch: two with guidance, else one. */
  readonly rows: number;
  /** Passes of the transformer it still needs. */
  readonly passes: number;
}

/** What the policy has to know of the device. */
export interface PassCosts {
  /** Milliseconds of one pass with so many rows; 0 while nothing is known. */
  passMs(bucket: string, rows: number): number;
  /** The number of rows that a batch should have at most. */
  bestRows(bucket: string): number;
}

/** The policy's numbers, all of which have defaults. */
export interface PolicyOptions {
  /** Compute that one tenant may be ahead of another before deadlines and priorities stop counting, in milliseconds. */
  readonly fairnessSlackMs?: number;
  /** How many times as long a pass may get by generations of tenants that are ahead. */
  readonly rideStretch?: number;
  /** A generation without deadline is treated as if it had this much time. */
  readonly patienceMs?: number;
  /** How much earlier one level of priority makes a deadline; larger than patience, so that it decides among contemporaries. */
  readonly priorityMs?: number;
  /** Generations that may be under way at once, paused ones included. */
  readonly maxActive?: number;
  /** Generations that may share a pass. */
  readonly maxTogether?: number;
}

interface Entry extends PlannedGeneration {
  /** {@link rankOf}: fixed at arrival. */
  readonly rank: number;
  remaining: number;
  started: boolean;
}

/** Where a generation stands at a moment. */
interface Standing {
  readonly entry: Entry;
  /** By how much its tenant oversteps the slack; 0 for most. */
  readonly aheadMs: number;
  /** Whether its deadline can't be met any more. */
  readonly hopeless: boolean;
}

/** Orders standings, first in line first. */
function compare(a: Standing, b: Standing): number {
  return (
    a.aheadMs - b.aheadMs ||
    Number(a.hopeless) - Number(b.hopeless) ||
    a.entry.rank - b.entry.rank ||
    a.entry.arrivalMs - b.entry.arrivalMs ||
    (a.entry.id < b.entry.id ? -1 : 1)
  );
}

/**
 * Chooses which generations make the next pass together. It has no clock and knows no device, so a simulator can drive it.
 *
 * 1. **Fair to tenants.** Each tenant has an account of the compute-milliseconds it used. Tenants within `fairnessSlackMs` of
 *    the one that had least compete by rank; one further ahead waits for the others, whatever its priorities and deadlines, and
 *    until then only rides along on rows that would be empty, as long as that makes the others' pass hardly longer. A tenant that was
 *    away comes back with a bounded credit (virtual time as in start-time fair queueing: Goyal, Vin and Cheng, SIGCOMM 1996).
 * 2. **By rank within that**: earliest deadline first, each level of priority `priorityMs` earlier, no deadline as one `patienceMs` after
 *    arrival. A rank never changes, so whatever arrives late enough ranks behind: nothing waits for ever, and a generation
 *    that an urgent one paused goes on. One that can't meet its deadline any more makes way for all that can.
 * 3. **Company.** The first in line sets the bucket; others of it join in order up to {@link PassCosts.bestRows}, unless the
 *    longer pass would make one of them miss a deadline that it would meet without the newcomer.
 */
export class StepPolicy {
  readonly #costs: PassCosts;
  readonly #options: Required<PolicyOptions>;
  readonly #entries = new Map<string, Entry>();
  /** How many generations each tenant has here; none that has none. */
  readonly #present = new Map<string, number>();
  /** Compute-milliseconds by tenant, in virtual time: a tenant that was away starts near {@link #virtualMs}. */
  readonly #accounts = new Map<string, number>();
  /** The least of the accounts of tenants that wait for something; never falls. */
  #virtualMs = 0;

  constructor(costs: PassCosts, options: PolicyOptions = {}) {
    this.#costs = costs;
    this.#options = {
      fairnessSlackMs: 1000,
      rideStretch: 1.25,
      patienceMs: 60_000,
      priorityMs: 300_000,
      maxActive: Number.POSITIVE_INFINITY,
      maxTogether: Number.POSITIVE_INFINITY,
      ...options,
    };
  }

  /** How many generations there are, waiting, running and paused. */
  get size(): number {
    return this.#entries.size;
  }

  /** Adds a generation, whose id is not among those that are there. */
  join(generation: PlannedGeneration): void {
    const { tenant } = generation;
    const present = this.#present.get(tenant) ?? 0;
    this.#present.set(tenant, present + 1);
    if (present === 0) {
      this.#forgetIdleTenants();
      this.#accounts.set(tenant, Math.max(this.#accounts.get(tenant) ?? this.#floorMs, this.#floorMs));
    }
    const rank = this.#rankOf(generation);
    this.#entries.set(generation.id, { ...generation, rank, remaining: generation.passes, started: false });
  }

  /** Removes a generation that is finished or given up; does nothing when there is none. */
  leave(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    const present = (this.#present.get(entry.tenant) as number) - 1;
    if (present === 0) {
      this.#present.delete(entry.tenant);
    } else {
      this.#present.set(entry.tenant, present);
    }
  }

  /**
   * Books one pass that generations made together, each by its share of the rows.
   *
   * @returns each one's share in milliseconds, in the given order.
   */
  charge(ids: readonly string[], passMs: number): number[] {
    const entries = ids.map((id) => this.#entries.get(id) as Entry);
    const rows = entries.reduce((sum, entry) => sum + entry.rows, 0);
    return entries.map((entry) => {
      const share = (passMs * entry.rows) / rows;
      entry.remaining -= 1;
      this.#accounts.set(entry.tenant, this.#accountOf(entry.tenant) + share);
      return share;
    });
  }

  /** Names the generations that should make the next pass together; none when there are none. */
  next(nowMs: number): string[] {
    const { maxActive, maxTogether } = this.#options;
    const standings = this.#standings(nowMs);
    let room = maxActive - standings.filter(({ entry }) => entry.started).length;
    const eligible = room > 0 ? standings : standings.filter(({ entry }) => entry.started);
    if (eligible.length === 0) return [];

    const first = eligible.reduce((a, b) => (compare(b, a) < 0 ? b : a));
    const leader = first.entry;
    const batch: Entry[] = [];
    let rows = 0;
    const add = (entry: Entry) => {
      room -= entry.started ? 0 : 1;
      entry.started = true;
      rows += entry.rows;
      batch.push(entry);
    };
    add(leader);
    const mostRows = maxTogether > 1 ? this.#costs.bestRows(leader.bucket) : 0;
    if (rows < mostRows) {
      const others = eligible.filter(({ entry }) => entry !== leader && entry.bucket === leader.bucket).sort(compare);
      // In this order, whoever rides comes after all who don't.
      let longestMs = Number.POSITIVE_INFINITY;
      for (const { entry, aheadMs } of others) {
        const { bucket } = entry;
        if (aheadMs > first.aheadMs)
          longestMs = Math.min(longestMs, this.#costs.passMs(bucket, rows) * this.#options.rideStretch);
        const isQuick = this.#costs.passMs(bucket, rows + entry.rows) <= longestMs;
        const fits = batch.length < maxTogether && rows + entry.rows <= mostRows && (entry.started || room > 0);
        if (isQuick && fits && this.#allInTime([...batch, entry], rows, nowMs)) add(entry);
      }
    }
    return batch.map(({ id }) => id);
  }

  /** Where all stand at a moment. */
  #standings(nowMs: number): Standing[] {
    if (this.#entries.size === 0) return [];
    const least = Math.min(...[...this.#present.keys()].map((tenant) => this.#accountOf(tenant)));
    this.#virtualMs = Math.max(this.#virtualMs, least);
    return [...this.#entries.values()].map((entry) => {
      const aheadMs = Math.max(0, this.#accountOf(entry.tenant) - least - this.#options.fairnessSlackMs);
      return { entry, aheadMs, hopeless: !this.#inTime(entry, entry.rows, nowMs) };
    });
  }

  #rankOf({ arrivalMs, deadlineMs = arrivalMs + this.#options.patienceMs, priority }: PlannedGeneration): number {
    // No deadline comes last, and one beyond patience must not come later still: that would be a way to wait for ever.
    return Math.min(deadlineMs, arrivalMs + this.#options.patienceMs) - priority * this.#options.priorityMs;
  }

  /** Tells whether an entry that goes on in batches of so many rows meets its deadline. */
  #inTime({ bucket, remaining, deadlineMs }: Entry, rows: number, nowMs: number): boolean {
    return deadlineMs === undefined || nowMs + remaining * this.#costs.passMs(bucket, rows) <= deadlineMs;
  }

  /** Tells whether all that would meet their deadlines without the last of a batch meet them with it. */
  #allInTime(batch: readonly Entry[], rowsBefore: number, nowMs: number): boolean {
    const newcomer = batch.at(-1) as Entry;
    const rows = rowsBefore + newcomer.rows;
    return batch.every(
      (entry) => this.#inTime(entry, rows, nowMs) || !this.#inTime(entry, entry === newcomer ? entry.rows : rowsBefore, nowMs),
    );
  }

  #accountOf(tenant: string): number {
    return this.#accounts.get(tenant) as number;
  }

  /** Where a tenant that was away starts: one slack to go before all others, and one to compete with them by rank. */
  get #floorMs(): number {
    return this.#virtualMs - 2 * this.#options.fairnessSlackMs;
  }

  /** Forgets accounts that a returning tenant would not get back anyway, so that their number stays bounded. */
  #forgetIdleTenants(): void {
    for (const [tenant, account] of this.#accounts) {
      if (!this.#present.has(tenant) && account <= this.#floorMs) {
        this.#accounts.delete(tenant);
      }
    }
  }
}
