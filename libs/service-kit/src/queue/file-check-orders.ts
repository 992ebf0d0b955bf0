import type { Redis } from 'ioredis';

/** An order, with what workers answered, is of interest for a day. */
const KEPT_SECONDS = 24 * 60 * 60;

const ORDER = 'worker:';

/** Hash: the last order to check a model's files: `id`, `by`, `at` in Unix milliseconds, and a field for each worker that is asked. */
export const fileCheckOf = (model: string) => `darkroom:workers:${model}:file-check`;

/** The field of that hash in which a worker finds the order's id. */
export const orderField = (workerId: string) => `${ORDER}${workerId}`;

/** Somebody's wish that workers read all files of their model again and compare them with the digests. */
export interface FileCheckOrder {
  readonly id: string;
  /** Who asks. */
  readonly by: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** Names of the workers that are asked: one that starts later has just compared what it loads. */
  readonly workerIds: readonly string[];
}

/** Asks a model's workers to check their files, in place of what was asked before; each hears of it in the answer to its next report. */
export async function noteFileCheck(redis: Redis, model: string, { id, by, atMs, workerIds }: FileCheckOrder): Promise<void> {
  const key = fileCheckOf(model);
  const orders = workerIds.flatMap((workerId) => [orderField(workerId), id]);
  await redis
    .multi()
    .del(key)
    .hset(key, 'id', id, 'by', by, 'at', atMs, ...orders)
    .expire(key, KEPT_SECONDS)
    .exec();
}

/** Reads the last order of a model; undefined where there was none within a day. */
export async function readFileCheck(redis: Redis, model: string): Promise<FileCheckOrder | undefined> {
  const { id, by = '', at, ...orders } = await redis.hgetall(fileCheckOf(model));
  if (id === undefined) return undefined;
  return { id, by, atMs: Number(at), workerIds: Object.keys(orders).map((field) => field.slice(ORDER.length)) };
}
