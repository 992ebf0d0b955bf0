import { RankedHeap } from '../ranked-heap.js';

/** A job that asks for a place, as `FairQueue` of the service kit takes it. */
export interface OrderedJob {
  readonly id: string;
  readonly tenantId: string;
  readonly weight: number;
  /** Seconds of device time. */
  readonly seconds: number;
  readonly urgency: number;
  /** When it arrived, and when it is of no use any more, in seconds. */
  readonly atSeconds: number;
  readonly deadlineAtSeconds: number;
}

/** Up to where a job is let in. */
export interface OrderLimits {
  readonly secondsAhead: number;
  readonly jobs: number;
}

/** What becomes of a job that asks for a place. */
export type Verdict = 'admitted' | 'late' | 'full';

/** Which waiting job comes next. */
export interface JobOrder {
  /** Lets a job in at its place, or tells why not. */
  admit(job: OrderedJob, limits: OrderLimits): Verdict;
  /** Takes the next job out; undefined when none waits. */
  take(): string | undefined;
  readonly jobs: number;
  /** Seconds of device time that wait. */
  readonly seconds: number;
}

/** Jobs by a rank that never changes, the least first; all that waits counts as coming before a newcomer. */
export class RankedOrder implements JobOrder {
  readonly #rank: (job: OrderedJob) => number;
  readonly #heap = new RankedHeap<OrderedJob>();
  #seconds = 0;

  constructor(rank: (job: OrderedJob) => number) {
    this.#rank = rank;
  }

  get jobs(): number {
    return this.#heap.size;
  }

  get seconds(): number {
    return this.#heap.size === 0 ? 0 : this.#seconds;
  }

  admit(job: OrderedJob, limits: OrderLimits): Verdict {
    if (this.jobs >= limits.jobs) return 'full';
    if (this.seconds > limits.secondsAhead) return 'late';
    this.#seconds = this.seconds + job.seconds;
    this.#heap.add(this.#rank(job), job);
    return 'admitted';
  }

  take(): string | undefined {
    const job = this.#heap.take();
    this.#seconds -= job?.seconds ?? 0;
    return job?.id;
  }
}
