import { redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { RedisCommands } from '../queue/redis.provider.js';

/**
 * The list of a tenant's generations that gateways keep in Redis which do not know the journal, for as long as one of them runs, and a day
 * more: then the key has gone, and this can go too.
 */
@Injectable()
export class EarlierIndex {
  private readonly commands: RedisCommands;

  constructor(commands: RedisCommands) {
    this.commands = commands;
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
      .zrevrangebylex(`darkroom:generations:${tenantId}`, from, '-', 'LIMIT', 0, count)
      .catch((error: unknown) => Promise.reject(redisUnavailable(error)));
  }
}
