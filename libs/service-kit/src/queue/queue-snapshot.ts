import { decodeGenerationJob, type GenerationJob, type Workers } from '@darkroom/contracts';
import type { Redis } from 'ioredis';
import { FairQueue, type Workload } from './fair-queue.js';
import type { GenerationQueue } from './generation-queue.js';
import { readWorkers } from './worker-reports.js';

/** Jobs of each kind that are read, to stand for the others. */
const SAMPLE = 20;

/** A model's queue at a moment, with the workers that work it off. */
export interface QueueSnapshot {
  readonly workers: Workers;
  readonly workload: Workload;
  readonly jobs: {
    /** Some of the jobs that were put back, at once or for a while, and how many of those there are. */
    readonly returned: readonly GenerationJob[];
    readonly returnedCount: number;
    /** Some of those that workers have. */
    readonly active: readonly GenerationJob[];
    readonly activeCount: number;
    /** Some of those that wait at their fair place. */
    readonly next: readonly GenerationJob[];
  };
}

/**
 * Looks at a model's queue.
 *
 * @param redis a connection for plain commands to the Redis that has the queue.
 * @param spans of arrivals to look back at, see {@link FairQueue.workload}.
 */
export async function readQueue(redis: Redis, queue: GenerationQueue, model: string, spans: number): Promise<QueueSnapshot> {
  const [workers, workload, counts, returned, active, next] = await Promise.all([
    readWorkers(redis, model),
    new FairQueue(redis, queue).workload(spans),
    queue.getJobCounts('wait', 'delayed', 'active'),
    sample(queue, ['wait', 'delayed']),
    sample(queue, ['active']),
    sample(queue, ['prioritized']),
  ]);
  const { wait = 0, delayed = 0, active: activeCount = 0 } = counts;
  return { workers, workload, jobs: { returned, returnedCount: wait + delayed, active, activeCount, next } };
}

async function sample(queue: GenerationQueue, states: Parameters<GenerationQueue['getJobs']>[0]): Promise<GenerationJob[]> {
  const jobs = await queue.getJobs(states, 0, SAMPLE - 1, true);
  // One that went meanwhile is told as nothing.
  return jobs.flatMap((job) => (job?.data === undefined ? [] : [decodeGenerationJob(job.data)]));
}
