import { RankedHeap } from '../ranked-heap.js';
import type { JobOrder, OrderedJob, OrderLimits, Verdict } from './job-order.js';

/** As in the scripts: tags are counted in hundredths of a second, priorities have 21 bits, and BullMQ's counter the 32 below. */
const [unit, counters, most] = [0.01, 2 ** 32, 2 ** 21 - 1];

interface Waiting {
  readonly tenantId: string;
  readonly urgency: number;
  score: number;
}

/**
 * The platform's fair queue in memory: what `libs/service-kit/src/queue/fair-queue-scripts.ts` does in Redis, step by step, so that a
 * million jobs need no million round trips. A spec holds both to the same answers.
 */
export class FairOrder implements JobOrder {
  readonly #waiting = new Map<string, Waiting>();
  /** Entries whose score is not the job's any more are passed over. */
  #heap = new RankedHeap<{ readonly id: string; readonly score: number }>();
  readonly #finish = new Map<string, number>();
  readonly #weights = new Map<string, number>();
  /** By tenant: jobs of normal and of low urgency. */
  readonly #overtakable = new Map<string, Set<string>>();
  #counter = 0;
  #last = { priority: 0, secondsAhead: 0 };

  get jobs(): number {
    return this.#waiting.size;
  }

  get seconds(): number {
    return this.#ahead(Number.POSITIVE_INFINITY, this.#now());
  }

  /** What was answered to the last job, for the spec: its priority, and the seconds that are served before it. */
  get lastAnswer(): { readonly priority: number; readonly secondsAhead: number } {
    return this.#last;
  }

  admit({ id, tenantId, weight, seconds: cost, urgency }: OrderedJob, limits: OrderLimits): Verdict {
    const now = this.#moveDown(this.#now());
    const finish = Math.max(now, this.#finish.get(tenantId) ?? now);
    const later = this.#later(tenantId, urgency);
    const start = Math.min(finish, ...later.map(({ score }) => tagOf(score)));
    const secondsAhead = this.#ahead(start, now);
    this.#last = { priority: 0, secondsAhead };
    if (this.#waiting.size >= limits.jobs) {
      this.#last = { priority: 0, secondsAhead: this.#ahead(Number.POSITIVE_INFINITY, now) };
      return 'full';
    }
    if (secondsAhead > limits.secondsAhead) return 'late';

    let step = cost / weight;
    if (later.length > 0) {
      const units = Math.max(1, Math.ceil(step / unit));
      step = units * unit;
      for (const job of later) this.#place(job.id, Math.min(job.score + units * counters, (most + 1) * counters - 1));
    }
    // Redis keeps nine decimals.
    this.#finish.set(tenantId, Number((finish + step).toFixed(9)));
    this.#weights.set(tenantId, weight);
    const priority = Math.min(most, Math.floor(start / unit) + 1);
    this.#last = { priority, secondsAhead };
    this.#add(id, { tenantId, urgency, score: priority * counters + (this.#counter++ % counters) });
    return 'admitted';
  }

  take(): string | undefined {
    this.#dropStale();
    const id = this.#heap.take()?.id;
    if (id === undefined) return undefined;
    const { tenantId, urgency } = this.#waiting.get(id) as Waiting;
    this.#waiting.delete(id);
    const set = this.#overtakable.get(`${urgency} ${tenantId}`);
    set?.delete(id);
    if (set?.size === 0) this.#overtakable.delete(`${urgency} ${tenantId}`);
    return id;
  }

  /** The virtual time: the tag of the job that is next. What has finished before it is forgotten. */
  #now(): number {
    this.#dropStale();
    const head = this.#heap.first;
    if (head === undefined) {
      this.#finish.clear();
      this.#weights.clear();
      return 0;
    }
    const now = tagOf(head.score);
    for (const [tenant, finish] of this.#finish) if (finish <= now) this.#finish.delete(tenant);
    return now;
  }

  /** Moves all tags down when the virtual time is half-way up. */
  #moveDown(now: number): number {
    const base = Math.floor(now / unit);
    if (base <= most / 2) return now;
    this.#heap = new RankedHeap();
    for (const [id, job] of this.#waiting) this.#place(id, job.score - base * counters);
    for (const [tenant, finish] of this.#finish) this.#finish.set(tenant, finish - base * unit);
    return now - base * unit;
  }

  /** Less urgent jobs of a tenant, which an urgent one comes before. */
  #later(tenantId: string, urgency: number): { readonly id: string; readonly score: number }[] {
    const levels = urgency > 0 ? [0, -1] : urgency === 0 ? [-1] : [];
    const ids = levels.flatMap((level) => [...(this.#overtakable.get(`${level} ${tenantId}`) ?? [])]);
    return ids.map((id) => ({ id, score: (this.#waiting.get(id) as Waiting).score }));
  }

  #ahead(tag: number, now: number): number {
    let sum = 0;
    for (const [tenant, finish] of this.#finish) {
      sum += (this.#weights.get(tenant) ?? 1) * Math.max(0, Math.min(finish, tag) - now);
    }
    return sum;
  }

  #add(id: string, job: Waiting): void {
    this.#waiting.set(id, job);
    this.#heap.add(job.score, { id, score: job.score });
    if (job.urgency > 0) return;
    const key = `${job.urgency} ${job.tenantId}`;
    const set = this.#overtakable.get(key) ?? new Set();
    this.#overtakable.set(key, set.add(id));
  }

  #place(id: string, score: number): void {
    (this.#waiting.get(id) as Waiting).score = score;
    this.#heap.add(score, { id, score });
  }

  #dropStale(): void {
    for (let first = this.#heap.first; first !== undefined; first = this.#heap.first) {
      if (this.#waiting.get(first.id)?.score === first.score) return;
      this.#heap.take();
    }
  }
}

function tagOf(score: number): number {
  return (Math.floor(score / counters) - 1) * unit;
}
