import { Lifecycle, Log } from '@darkroom/service-kit';
import { WEBHOOK_DELIVERIES, WEBHOOK_EVENTS } from '@darkroom/service-kit/queue';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { Processor, Worker } from 'bullmq';
import { Config } from '../config.js';
import { ModelCatalogue } from '../models/model-catalogue.js';
import { openSharedWorker } from '../queue/shared-worker.js';
import type { Delivery } from './deliveries.js';
import { DeliveryProcessor } from './delivery-processor.js';
import { EventProcessor } from './event-processor.js';

/** Events passed on, and messages sent, at a time. */
const EVENTS_AT_A_TIME = 8;
const MESSAGES_AT_A_TIME = 64;

/** Takes events and deliveries off their queues, which all gateways share. */
@Injectable()
export class WebhookWorkers implements BeforeApplicationShutdown {
  private readonly workers: Pick<Worker, 'close'>[] = [];
  private readonly config: Config;
  private readonly lifecycle: Lifecycle;
  private readonly log: Log;

  constructor(
    config: Config,
    catalogue: ModelCatalogue,
    events: EventProcessor,
    deliveries: DeliveryProcessor,
    lifecycle: Lifecycle,
    log: Log,
  ) {
    this.config = config;
    this.lifecycle = lifecycle;
    this.log = log;
    const start = () => {
      if (lifecycle.draining.aborted) return;
      this.open<object>(WEBHOOK_EVENTS, EVENTS_AT_A_TIME, (job, token) => events.process(job, token));
      this.open<Delivery>(WEBHOOK_DELIVERIES, MESSAGES_AT_A_TIME, (job, token) => deliveries.process(job, token));
    };
    // Before the models' queues are open no generation is found; readiness tells what is wrong with the models.
    catalogue.entries().then(start, () => undefined);
    lifecycle.draining.addEventListener('abort', () => void this.close(), { once: true });
  }

  async beforeApplicationShutdown(): Promise<void> {
    // What is not put back by then is noticed and sent by another gateway.
    await this.lifecycle.inTime(this.close());
  }

  private async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.close()));
  }

  private open<Data>(name: string, concurrency: number, process: Processor<Data, undefined>): void {
    this.workers.push(openSharedWorker(name, this.config.redisUrl, this.log, process, concurrency));
  }
}
