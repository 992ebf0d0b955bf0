import { Lifecycle, Log, Readiness } from '@darkroom/service-kit';
import { CancellationListener, connectRedis, openDeadLetters, redisMissing, WebhookEvents } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from './config.js';

/** What the denoiser uses Redis for, besides taking jobs off the queue. */
@Injectable()
export class RedisConnections implements OnApplicationShutdown {
  readonly commands;
  readonly cancellations;
  readonly deadLetters;
  readonly webhookEvents;

  constructor({ model, redisUrl }: Config, readiness: Readiness, lifecycle: Lifecycle, log: Log) {
    this.commands = connectRedis(redisUrl, log, lifecycle.overdue);
    this.cancellations = new CancellationListener(this.commands);
    this.deadLetters = openDeadLetters(model, this.commands, log);
    this.webhookEvents = new WebhookEvents(this.commands);
    readiness.require('redis', () => redisMissing(this.commands));
  }

  async onApplicationShutdown(): Promise<void> {
    this.cancellations.close();
    await Promise.all([this.deadLetters.close(), this.webhookEvents.close()]);
    this.commands.disconnect();
  }
}
