import { Log, Readiness } from '@darkroom/service-kit';
import { CancellationListener, connectRedis, openDeadLetters, redisMissing } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from './config.js';

/** What the denoiser uses Redis for, besides taking jobs off the queue. */
@Injectable()
export class RedisConnections implements OnApplicationShutdown {
  readonly commands;
  readonly cancellations;
  readonly deadLetters;

  constructor({ model, redisUrl }: Config, readiness: Readiness, log: Log) {
    this.commands = connectRedis(redisUrl, log);
    this.cancellations = new CancellationListener(this.commands);
    this.deadLetters = openDeadLetters(model, redisUrl, log);
    readiness.require('redis', () => redisMissing(this.commands));
  }

  async onApplicationShutdown(): Promise<void> {
    this.cancellations.close();
    await this.deadLetters.close();
    this.commands.disconnect();
  }
}
