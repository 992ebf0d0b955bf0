import type { connectRedis } from '@darkroom/service-kit/queue';

type Redis = ReturnType<typeof connectRedis>;

/** A record outlives every wait between two attempts. */
const recordSeconds = 60 * 60;

const keyOf = (generationId: string) => `darkroom:attempt:${generationId}`;

/**
 * Notes an attempt that ended without a word as a death of its worker.
 *
 * KEYS[1]  hash of the generation: `holder`, token of the attempt that runs; `deaths`, how many in a row came without progress;
 *          `progress`, how far the generation was at the last of them
 * ARGV[1]  how far the generation is now
 * Returns  deaths in a row without progress, this one included
 */
const noteDeath = `
local deaths = tonumber(redis.call('HGET', KEYS[1], 'deaths') or '0')
if redis.call('HDEL', KEYS[1], 'holder') == 0 then return deaths end
local before = tonumber(redis.call('HGET', KEYS[1], 'progress') or '-1')
deaths = tonumber(ARGV[1]) > before and 1 or deaths + 1
redis.call('HSET', KEYS[1], 'deaths', deaths, 'progress', ARGV[1])
return deaths
`;

/**
 * Ends an attempt properly, unless another one has taken its place.
 *
 * KEYS[1]  hash of the generation, as above
 * ARGV[1]  token of the attempt
 * Returns  1 when it was that attempt's to end, else 0
 */
const endAttempt = `
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
if redis.call('HEXISTS', KEYS[1], 'deaths') == 0 then return redis.call('DEL', KEYS[1]) end
return redis.call('HDEL', KEYS[1], 'holder')
`;

/**
 * Remembers, in Redis, which generations are being run, so that one that ends its worker's process is known by it.
 *
 * Only what really runs is on record: a job that merely waits in a process that dies has nothing to do with it.
 */
export class Attempts {
  constructor(private readonly redis: Redis) {}

  /**
   * Counts the workers that died in a row while running a generation and left it no further than the one before.
   *
   * @param progress how far it is, in any unit that grows.
   */
  async deaths(generationId: string, progress: number): Promise<number> {
    return Number(await this.redis.eval(noteDeath, 1, keyOf(generationId), progress));
  }

  /** Notes that a generation runs from now on. */
  async begin(generationId: string, token: string): Promise<void> {
    const key = keyOf(generationId);
    await this.redis.multi().hset(key, 'holder', token).expire(key, recordSeconds).exec();
  }

  /** Notes that it runs no more, however it ended; only a process that dies doesn't get to say so. */
  async end(generationId: string, token: string): Promise<void> {
    await this.redis.eval(endAttempt, 1, keyOf(generationId), token);
  }
}
