import type { Redis } from 'ioredis';

/** Keys of blobs, scored by the Unix millisecond from which nobody needs them. */
const KEY = 'darkroom:expiring-blobs';

/** Longest list that one look returns; what is left comes with the next. */
const mostAtOnce = 100;

/** Notes from when on blobs are needed no more; a blob that is noted already gets the later of the two times. */
export async function expireBlobs(redis: Redis, keys: readonly string[], atMs: number): Promise<void> {
  if (keys.length === 0) return;
  await redis.zadd(KEY, 'GT', ...keys.flatMap((key) => [atMs, key]));
}

/** Returns keys of blobs that are needed no more, those first that have not been for longest. */
export async function expiredBlobs(redis: Redis, nowMs = Date.now()): Promise<string[]> {
  return await redis.zrangebyscore(KEY, '-inf', nowMs, 'LIMIT', 0, mostAtOnce);
}

/** Takes blobs that were deleted off the list. */
export async function forgetExpiredBlobs(redis: Redis, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await redis.zrem(KEY, ...keys);
}
