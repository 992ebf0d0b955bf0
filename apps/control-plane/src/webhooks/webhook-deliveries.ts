import { DeliveryStore } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GenerationQueues } from '../queue/generation-queues.js';

/** What gateways have sent to webhooks and are about to send; they keep it in Redis, until three days after its end. */
@Injectable()
export class WebhookDeliveries implements OnApplicationShutdown {
  private readonly queues: GenerationQueues;
  private opened: DeliveryStore | undefined;

  constructor(queues: GenerationQueues) {
    this.queues = queues;
  }

  /**
   * The deliveries.
   *
   * @throws {DarkroomError} Thrown with `unavailable` where no Redis is configured.
   */
  get store(): DeliveryStore {
    this.opened ??= new DeliveryStore(this.queues.redis);
    return this.opened;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.opened?.close();
  }
}
