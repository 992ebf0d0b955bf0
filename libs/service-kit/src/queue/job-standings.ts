import { queueName } from '@darkroom/contracts';
import { QueueKeys } from 'bullmq';
import type { Redis } from 'ioredis';

const keys = new QueueKeys();

/** How a job stands, as its queue has it. */
export interface JobStanding {
  /** How often a worker has begun with it. */
  readonly attempts: number;
  /** Name of the worker that had it last; undefined before the first. */
  readonly worker: string | undefined;
  /** Unix milliseconds; undefined before it was begun, and before it has ended. */
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  /** What it failed of, for `fromQueue`; undefined for one that has not. */
  readonly failedReason: string | undefined;
}

/** Reads how jobs of a model's queue stand, without their payloads; undefined for those that are not there. */
export async function readStandings(redis: Redis, model: string, ids: readonly string[]): Promise<(JobStanding | undefined)[]> {
  return await readJobStandings(redis, queueName(model), ids);
}

/** Reads how jobs of a queue stand, without their payloads; undefined for those that are not there. */
export async function readJobStandings(
  redis: Redis,
  queue: string,
  ids: readonly string[],
): Promise<(JobStanding | undefined)[]> {
  if (ids.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const id of ids) {
    // The names under which BullMQ keeps them.
    pipeline.hmget(keys.toKey(queue, id), 'timestamp', 'ats', 'pb', 'processedOn', 'finishedOn', 'failedReason');
  }
  const answers = (await pipeline.exec()) ?? [];
  return answers.map(([error, fields]) => {
    if (error) throw error;
    return toStanding(fields as (string | null)[]);
  });
}

function toStanding([added, attempts, worker, started, ended, reason]: (string | null)[]): JobStanding | undefined {
  if (added === null) return undefined;
  return {
    attempts: Number(attempts ?? 0),
    worker: worker ?? undefined,
    startedAtMs: started === null ? undefined : Number(started),
    endedAtMs: ended === null ? undefined : Number(ended),
    failedReason: reason ?? undefined,
  };
}
