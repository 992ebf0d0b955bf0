import { Lifecycle, Log, Readiness } from '@darkroom/service-kit';
import {
  connectRedis,
  openGenerationWorker,
  type GenerationWorker as QueueWorker,
  redisMissing,
} from '@darkroom/service-kit/queue';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from './config.js';
import { JobProcessor } from './job-processor.js';

/** Takes generations off the model's queue, a few at a time, from the moment the model is loaded until the service drains. */
@Injectable()
export class GenerationWorker implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly worker: QueueWorker;
  private readonly redis;

  constructor(config: Config, processor: JobProcessor, readiness: Readiness, lifecycle: Lifecycle, log: Log) {
    this.redis = connectRedis(config.redisUrl, log);
    readiness.require('redis', () => redisMissing(this.redis));
    this.worker = openGenerationWorker(config.model, config.redisUrl, log, (job, token) => processor.process(job, token), {
      autorun: false,
      concurrency: config.concurrency,
    });
    // Closing keeps it from taking another job; those in flight are cut short by the same signal and go back.
    lifecycle.draining.addEventListener('abort', () => void this.worker.close(), { once: true });
    processor.ready().then(
      () => this.worker.run(),
      // A worker without its model must not take jobs that another could do; readiness tells why it is idle.
      () => {},
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.close();
  }

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
