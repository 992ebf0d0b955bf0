import { Lifecycle, Log } from '@darkroom/service-kit';
import { GENERATION_RETRIES, retryProcessor } from '@darkroom/service-kit/queue';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { Worker } from 'bullmq';
import { Config } from '../config.js';
import { ModelCatalogue } from '../models/model-catalogue.js';
import { openSharedWorker } from '../queue/shared-worker.js';
import { RetriedGenerations } from './retried-generations.js';

/** Retries at a time: people ask for them, one by one. */
const CONCURRENCY = 4;

/** Takes what operators want made anew off the queue that all gateways share. */
@Injectable()
export class RetryWorker implements BeforeApplicationShutdown {
  private worker: Pick<Worker, 'close'> | undefined;
  private readonly lifecycle: Lifecycle;

  constructor(config: Config, catalogue: ModelCatalogue, retried: RetriedGenerations, lifecycle: Lifecycle, log: Log) {
    this.lifecycle = lifecycle;
    const start = () => {
      if (lifecycle.draining.aborted) return;
      const process = retryProcessor((retry) => retried.submit(retry));
      this.worker = openSharedWorker(GENERATION_RETRIES, config.redisUrl, log, process, CONCURRENCY);
    };
    // Before the models' queues are open no generation is found; readiness tells what is wrong with the models.
    catalogue.entries().then(start, () => undefined);
    lifecycle.draining.addEventListener('abort', () => void this.worker?.close(), { once: true });
  }

  async beforeApplicationShutdown(): Promise<void> {
    // Another gateway answers what is not by then.
    if (this.worker !== undefined) await this.lifecycle.inTime(this.worker.close());
  }
}
