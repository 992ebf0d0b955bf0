import { DeliveryStore, type WebhookDelivery } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Job } from 'bullmq';
import { RedisCommands } from '../queue/redis.provider.js';
import type { Message } from './message.js';

/** One message to one webhook, with all that became of it. */
export type Delivery = WebhookDelivery<Message>;

/** A delivery's job. */
export type DeliveryJob = Job<Delivery, undefined>;

/** The deliveries with the messages that gateways send. */
@Injectable()
export class Deliveries extends DeliveryStore<Message> implements OnApplicationShutdown {
  constructor({ redis }: RedisCommands) {
    super(redis);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }
}
