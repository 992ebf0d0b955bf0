import { setTimeout as sleep } from 'node:timers/promises';
import { deadLettersName, type QueuePayload, queueName } from '@darkroom/contracts';
import { type JobsOptions, type Processor, Queue, QueueEvents, Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Log } from '../telemetry/log.js';
import { failFastOptions, logRedisState, patientOptions } from './redis.js';

/** The one job name that the generation queues know. */
export const GENERATION_JOB = 'generation';

/** Finished jobs can be looked up for a day. */
export const JOB_RETENTION_SECONDS = 24 * 60 * 60;

/** Listening ends at once, when it can. */
const CLOSE_PATIENCE_MS = 500;

/** Options of each generation job; a failure is final, since a worker puts a job that must wait back by itself. */
export const generationJobOptions: JobsOptions = {
  attempts: 1,
  removeOnComplete: { age: JOB_RETENTION_SECONDS },
  removeOnFail: { age: JOB_RETENTION_SECONDS },
};

/** The producing end of a model's queue. */
export type GenerationQueue = Queue<QueuePayload, QueuePayload, typeof GENERATION_JOB>;
/** The consuming end of a model's queue. */
export type GenerationWorker = Worker<QueuePayload, QueuePayload, typeof GENERATION_JOB>;

/** What lies in the queue of dead letters: the job as it was, and why it is there. */
export interface DeadLetter extends QueuePayload {
  /** JSON of the error's detail, as in a failed job. */
  readonly reason: string;
}

/** A model's jobs that ended their workers. */
export type DeadLetters = Queue<DeadLetter, never, typeof GENERATION_JOB>;

/**
 * Opens the producing end of a model's queue; its commands fail at once while Redis is away.
 *
 * @param redis where it is, or a connection for plain commands, which stays its owner's.
 */
export function openGenerationQueue(model: string, redis: string | Redis, log: Log): GenerationQueue {
  const queue: GenerationQueue = new Queue(queueName(model), {
    connection: typeof redis === 'string' ? { url: redis, ...failFastOptions } : redis,
    defaultJobOptions: generationJobOptions,
    // While Redis is away an add must fail, not wait for its return.
    skipWaitingForReady: true,
    skipVersionCheck: true,
  });
  logRedisState(queue as never, log, queue.name);
  return queue;
}

/**
 * Opens the queue of a model's jobs that no worker will take again, each with the reason for it; an operator looks at them.
 *
 * @param redis as for {@link openGenerationQueue}.
 */
export function openDeadLetters(model: string, redis: string | Redis, log: Log): DeadLetters {
  const queue: DeadLetters = new Queue(deadLettersName(model), {
    connection: typeof redis === 'string' ? { url: redis, ...failFastOptions } : redis,
    skipWaitingForReady: true,
    skipVersionCheck: true,
  });
  logRedisState(queue as never, log, queue.name);
  return queue;
}

/** Listens to what happens to the jobs of a model's queue; it reconnects by itself. */
export function openGenerationEvents(model: string, redisUrl: string, log: Log): QueueEvents {
  const events = new QueueEvents(queueName(model), {
    connection: { url: redisUrl, ...patientOptions },
    skipVersionCheck: true,
  });
  logRedisState(events as never, log, `${events.name} events`);
  return events;
}

/** Stops listening. BullMQ's own closing does not end while a lost connection is being made again, and there is nothing to wait for. */
export async function closeGenerationEvents(events: QueueEvents): Promise<void> {
  await Promise.race([events.close(), sleep(CLOSE_PATIENCE_MS, undefined, { ref: false })]);
}

/**
 * Opens the consuming end of a model's queue.
 *
 * A worker that dies is noticed when its 6 s lock runs out, and its job goes to another. How often that may happen to one job is not
 * BullMQ's to count, since it can't tell a job that ends its worker from one that was in bad company; so its own limit is out of
 * reach. A worker that could not renew a job's lock has lost it to another: the signal that its processor was given aborts.
 */
export function openGenerationWorker(
  model: string,
  redisUrl: string,
  log: Log,
  processor: Processor<QueuePayload, QueuePayload, typeof GENERATION_JOB>,
  options: Partial<Omit<WorkerOptions, 'connection'>> = {},
): GenerationWorker {
  const worker: GenerationWorker = new Worker(queueName(model), processor, {
    connection: { url: redisUrl, ...patientOptions },
    skipVersionCheck: true,
    concurrency: 1,
    lockDuration: 6_000,
    stalledInterval: 3_000,
    maxStalledCount: 1_000_000,
    runRetryDelay: 1_000,
    removeOnComplete: { age: JOB_RETENTION_SECONDS },
    removeOnFail: { age: JOB_RETENTION_SECONDS },
    ...options,
  });
  worker.on('lockRenewalFailed', (jobIds) => {
    for (const jobId of jobIds) worker.cancelJob(jobId, 'another worker has the job');
  });
  logRedisState(worker as never, log, `${worker.name} worker`);
  return worker;
}
