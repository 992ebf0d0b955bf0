import { type DarkroomError, decodeGenerationResult, fromQueue, type GenerationResult } from '@darkroom/contracts';
import type { Redis } from 'ioredis';
import type { GenerationQueue } from './generation-queue.js';

/** A job that has ended, one way or the other. */
export interface FinishedJob {
  readonly id: string;
  /** Unix milliseconds. */
  readonly endedAtMs: number;
  /** What it returned; undefined for one that failed. */
  readonly result: GenerationResult | undefined;
  /** What it failed of; undefined for one that succeeded. */
  readonly error: DarkroomError | undefined;
}

/**
 * Reads jobs of a queue that have ended since a moment and are still kept, the latest first; of each kind so many at most.
 *
 * @param redis a connection for plain commands to the Redis that has the queue.
 */
export async function readFinished(redis: Redis, queue: GenerationQueue, sinceMs: number, most: number): Promise<FinishedJob[]> {
  const [succeeded, failed] = await Promise.all([
    readKind(redis, queue, 'completed', sinceMs, most),
    readKind(redis, queue, 'failed', sinceMs, most),
  ]);
  return [...succeeded, ...failed].sort((a, b) => b.endedAtMs - a.endedAtMs);
}

/** Reads the errors of jobs that have failed since a moment, the latest first, and counts those that have succeeded. */
export async function countFinished(
  redis: Redis,
  queue: GenerationQueue,
  sinceMs: number,
  most: number,
): Promise<{ readonly succeeded: number; readonly errors: readonly DarkroomError[] }> {
  const [succeeded, failed] = await Promise.all([
    redis.zcount(queue.toKey('completed'), sinceMs, '+inf'),
    readKind(redis, queue, 'failed', sinceMs, most),
  ]);
  return { succeeded, errors: failed.flatMap(({ error }) => (error === undefined ? [] : [error])) };
}

async function readKind(
  redis: Redis,
  queue: GenerationQueue,
  kind: 'completed' | 'failed',
  sinceMs: number,
  most: number,
): Promise<FinishedJob[]> {
  const ids = await redis.zrevrangebyscore(queue.toKey(kind), '+inf', sinceMs, 'LIMIT', 0, most);
  if (ids.length === 0) return [];
  const reading = redis.pipeline();
  for (const id of ids) reading.hmget(queue.toKey(id), 'finishedOn', kind === 'completed' ? 'returnvalue' : 'failedReason');
  const answers = (await reading.exec()) ?? [];
  return ids.flatMap((id, index) => {
    const [error, fields] = answers[index] ?? [];
    if (error) throw error;
    const [endedAt, told] = fields as [string | null, string | null];
    // One that went meanwhile is told as nothing.
    if (endedAt === null || told === null) return [];
    const outcome =
      kind === 'completed'
        ? { result: decodeGenerationResult(JSON.parse(told)), error: undefined }
        : { result: undefined, error: fromQueue(told) };
    return [{ id, endedAtMs: Number(endedAt), ...outcome }];
  });
}
