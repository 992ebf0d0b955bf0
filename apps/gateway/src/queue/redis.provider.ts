import { Lifecycle, Log, Readiness } from '@darkroom/service-kit';
import { connectRedis, redisMissing, redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';

/** What a client hears whose request did not get into the queue. */
export const NOTHING_STARTED = 'the queue is not reachable; nothing was started';

/** The gateway's connection for plain Redis commands, which fail at once while Redis is away. */
@Injectable()
export class RedisCommands implements OnApplicationShutdown {
  readonly redis: ReturnType<typeof connectRedis>;

  constructor(config: Config, readiness: Readiness, lifecycle: Lifecycle, log: Log) {
    this.redis = connectRedis(config.redisUrl, log, lifecycle.overdue);
    readiness.require('redis', () => redisMissing(this.redis));
  }

  /**
   * Passes when Redis is reachable.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when it isn't, so that a request is answered before others work for it.
   */
  assertReachable(): void {
    if (this.redis.status !== 'ready') {
      throw redisUnavailable(new Error(`the connection is ${this.redis.status}`), NOTHING_STARTED);
    }
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
