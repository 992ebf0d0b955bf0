import type { Redis } from 'ioredis';

/** Hash: how many replicas of a model somebody wants to be ready, whatever its queue asks for; it goes when its time is over. */
const noteOf = (model: string) => `darkroom:warm:${model}`;

/** Somebody's wish that a model has workers that are ready, ahead of its requests. */
export interface WarmNote {
  readonly replicas: number;
  /** Unix milliseconds. */
  readonly untilMs: number;
  /** Who wants it. */
  readonly by: string;
}

/** Leaves a note that a model is to be kept warm until a moment, in place of an earlier one; autoscalers read it with the queue. */
export async function noteWarm(redis: Redis, model: string, { replicas, untilMs, by }: WarmNote): Promise<void> {
  const key = noteOf(model);
  await redis.multi().del(key).hset(key, { replicas, until: untilMs, by }).pexpireat(key, untilMs).exec();
}

/** Takes the note back; false when there is none. */
export async function endWarm(redis: Redis, model: string): Promise<boolean> {
  return (await redis.del(noteOf(model))) === 1;
}

/** Reads the note; undefined where there is none, or its time is over. */
export async function readWarm(redis: Redis, model: string): Promise<WarmNote | undefined> {
  const { replicas, until, by = '' } = await redis.hgetall(noteOf(model));
  return replicas === undefined ? undefined : { replicas: Number(replicas), untilMs: Number(until), by };
}
