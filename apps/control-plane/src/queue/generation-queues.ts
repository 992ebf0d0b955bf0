import { DarkroomError } from '@darkroom/contracts';
import { Lifecycle, Log } from '@darkroom/service-kit';
import { connectRedis, type GenerationQueue, openGenerationQueue } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';

/** The control plane's connection for plain Redis commands, which fail at once while Redis is away, and the queues of models. */
@Injectable()
export class GenerationQueues implements OnApplicationShutdown {
  private readonly connection: ReturnType<typeof connectRedis> | undefined;
  private readonly queues = new Map<string, GenerationQueue>();
  private readonly log: Log;

  constructor({ redisUrl }: Config, lifecycle: Lifecycle, log: Log) {
    this.log = log;
    this.connection = redisUrl === undefined ? undefined : connectRedis(redisUrl, log, lifecycle.overdue);
  }

  /**
   * The connection.
   *
   * @throws {DarkroomError} Thrown with `unavailable` where no Redis is configured.
   */
  get redis(): ReturnType<typeof connectRedis> {
    if (this.connection !== undefined) return this.connection;
    throw new DarkroomError({ code: 'unavailable', message: 'the control plane knows no Redis: REDIS_URL is not set' });
  }

  /**
   * Returns the queue of a model, whether it is served or not.
   *
   * @throws {DarkroomError} Thrown with `unavailable` where no Redis is configured.
   */
  of(model: string): GenerationQueue {
    const known = this.queues.get(model);
    if (known !== undefined) return known;
    const queue = openGenerationQueue(model, this.redis, this.log);
    this.queues.set(model, queue);
    return queue;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    this.connection?.disconnect();
  }
}
