import { JOB_RETENTION_SECONDS, redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { RedisCommands } from './redis.provider.js';

const keyOf = (tenantId: string) => `darkroom:generations:${tenantId}`;

/** Lists each tenant's generations by when they were asked for, as long as they can be fetched. */
@Injectable()
export class GenerationIndex {
  private readonly commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.commands = commands;
  }

  /**
   * Enters a generation.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when Redis didn't confirm it.
   */
  async add(tenantId: string, id: string): Promise<void> {
    const key = keyOf(tenantId);
    await this.commands.redis
      .multi()
      // All scores are alike, so members are in the order of their bytes: ids sort by the time they were made.
      .zadd(key, 0, id)
      .zremrangebylex(key, '-', `(${oldestId()}`)
      .expire(key, JOB_RETENTION_SECONDS)
      .exec()
      .catch((error: unknown) => Promise.reject(redisUnavailable(error)));
  }

  /**
   * Returns ids of a tenant's generations, the newest first.
   *
   * @param after the last id of the page before; undefined for the first page.
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away.
   */
  async page(tenantId: string, after: string | undefined, count: number): Promise<string[]> {
    const from = after === undefined ? '+' : `(${after}`;
    return await this.commands.redis
      .zrevrangebylex(keyOf(tenantId), from, '-', 'LIMIT', 0, count)
      .catch((error: unknown) => Promise.reject(redisUnavailable(error)));
  }
}

/** The smallest id that a generation which can still be fetched may have: a UUID of version 7 begins with its milliseconds. */
function oldestId(): string {
  const milliseconds = (Date.now() - JOB_RETENTION_SECONDS * 1000).toString(16).padStart(12, '0');
  return `gen_${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}`;
}
