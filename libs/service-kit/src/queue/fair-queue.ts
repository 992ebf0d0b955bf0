import type { Redis } from 'ioredis';
import { admitScript, lookScript, workloadScript } from './fair-queue-scripts.js';
import { type GenerationQueue, JOB_RETENTION_SECONDS } from './generation-queue.js';

/** A submission that is repeated within this time, as one with an Idempotency-Key may be, gets the place that it has. */
const REMEMBERED_SECONDS = 60;

/** What was admitted is known for an hour. */
const ARRIVALS_KEPT_SECONDS = 60 * 60;

/** A job that asks for a place in the queue. */
export interface Candidate {
  readonly id: string;
  readonly tenantId: string;
  /** The tenant's share beside others that have work waiting. */
  readonly weight: number;
  /** Seconds of device time that it is expected to take. */
  readonly seconds: number;
  /** Which of its own tenant's jobs come first: larger ones; -1, 0 or 1. */
  readonly urgency: number;
  /** Whether the same job may ask again. */
  readonly isRepeatable: boolean;
}

/** Up to where a job is let in. */
export interface QueueLimits {
  /** Most seconds of device time that may be served before it. */
  readonly secondsAhead: number;
  /** Most jobs that may wait, of all tenants. */
  readonly jobs: number;
}

/** What becomes of a job that asks for a place. */
export type Place =
  | { readonly verdict: 'admitted' /** BullMQ's. */; readonly priority: number; readonly secondsAhead: number }
  /** So much is served before it, or, when there are too many jobs, is there in all. */
  | { readonly verdict: 'late' | 'full'; readonly secondsAhead: number };

/** Where a waiting job is. */
export interface QueuePosition {
  /** 1 for the one that is taken next. */
  readonly position: number;
  /** Seconds of device time that are served before it, besides what runs. */
  readonly secondsAhead: number;
}

/** What waits for a model's workers, and what came lately. */
export interface Workload {
  /** Seconds of device time that wait, without the jobs that were begun and put back. */
  readonly waitingSeconds: number;
  readonly waitingJobs: number;
  /** Jobs that were begun and put back: they come before all others. */
  readonly returnedJobs: number;
  /** Length of the spans in which arrivals are counted. */
  readonly spanSeconds: number;
  /** Seconds of device time that were admitted in each whole span, the oldest first. */
  readonly arrivals: readonly number[];
}

/** Shares a model's queue among tenants in compute, by weighted fair queueing. */
export class FairQueue {
  private readonly redis: Redis;
  private readonly queue: GenerationQueue;

  /** @param redis a connection for plain commands to the Redis that has the queue. */
  constructor(redis: Redis, queue: GenerationQueue) {
    this.redis = redis;
    this.queue = queue;
  }

  /** Gives a job its place, with which it is to be added to the queue; or tells why there is none, and nothing has changed then. */
  async admit(candidate: Candidate, limits: QueueLimits): Promise<Place> {
    const { id, tenantId, weight, seconds, urgency, isRepeatable } = candidate;
    const waiting = this.own(`waiting:${tenantId}`);
    const keys = [...this.keys(), `${waiting}:normal`, `${waiting}:low`, this.own(`place:${id}`), this.own('arrivals:')];
    const [verdict, priority, ahead] = await admitScript.run<[Place['verdict'], number, string]>(this.redis, keys, [
      tenantId,
      weight,
      seconds,
      urgency,
      id,
      this.queue.toKey(''),
      // Lua reads no "Infinity".
      Number.isFinite(limits.secondsAhead) ? limits.secondsAhead : 1e300,
      limits.jobs,
      isRepeatable ? REMEMBERED_SECONDS : 0,
      JOB_RETENTION_SECONDS,
      ARRIVALS_KEPT_SECONDS,
    ]);
    const secondsAhead = Number(ahead);
    return verdict === 'admitted' ? { verdict, priority, secondsAhead } : { verdict, secondsAhead };
  }

  /** Tells where jobs are; undefined for those that don't wait. */
  async look(ids: readonly string[]): Promise<(QueuePosition | undefined)[]> {
    if (ids.length === 0) return [];
    const keys = [...this.keys(), this.queue.toKey('wait')];
    const answer = await lookScript.run<(number | string)[]>(this.redis, keys, ids);
    return ids.map((_, i) => {
      const position = Number(answer[2 * i]);
      return position === 0 ? undefined : { position, secondsAhead: Number(answer[2 * i + 1]) };
    });
  }

  /** Tells how much work waits, and how much was admitted in the last spans, an hour of them at most. */
  async workload(spans: number): Promise<Workload> {
    const keys = [...this.keys(), this.queue.toKey('wait'), this.own('arrivals:')];
    const [waitingSeconds, waitingJobs, returnedJobs, spanSeconds, ...arrivals] = (
      await workloadScript.run<(number | string)[]>(this.redis, keys, [spans])
    ).map(Number) as [number, number, number, number, ...number[]];
    return { waitingSeconds, waitingJobs, returnedJobs, spanSeconds, arrivals };
  }

  private keys(): [string, string, string] {
    return [this.queue.toKey('prioritized'), this.own('finish'), this.own('weights')];
  }

  private own(name: string): string {
    return `darkroom:fair:${this.queue.name}:${name}`;
  }
}
