import type { DeliveryAttemptBody, DeliveryStatus, DeliveryType } from '@darkroom/contracts/http';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** Queue of messages that go to webhooks. */
export const WEBHOOK_DELIVERIES = 'webhook-deliveries';

/** Deliveries are kept for so long after their end. */
export const DELIVERY_RETENTION_SECONDS = 3 * 24 * 60 * 60;

/** What every message to a webhook tells of itself; the rest is its gateway's alone. */
export interface DeliveredMessage {
  /** The header `webhook-id`, by which receivers know what they have had already. */
  readonly id: string;
  readonly type: DeliveryType;
  /** The generation that it tells of; absent from a test. */
  readonly generation?: { readonly id: string };
}

/** What lies in that queue: one message to one webhook, with all that became of it. */
export interface WebhookDelivery<Message extends DeliveredMessage = DeliveredMessage> {
  readonly webhookId: string;
  readonly tenantId: string;
  readonly message: Message;
  /** The last attempts, the oldest first. */
  readonly attempts: readonly DeliveryAttemptBody[];
  /** Failed attempts so far, which tell where it is in the schedule; 0 again when it has ended, so that sending it again begins anew. */
  readonly failures: number;
  /** When it is to be tried next, in Unix milliseconds. */
  readonly nextAttemptAtMs: number;
}

/**
 * Opens the queue of deliveries.
 *
 * @param redis a connection for plain commands, which fail at once while Redis is away; it stays its owner's, who logs what becomes of it.
 */
export function openWebhookDeliveries<Message extends DeliveredMessage>(
  redis: Redis,
): Queue<WebhookDelivery<Message>, undefined> {
  const queue = new Queue<WebhookDelivery<Message>, undefined>(WEBHOOK_DELIVERIES, {
    connection: redis,
    defaultJobOptions: {
      removeOnComplete: { age: DELIVERY_RETENTION_SECONDS },
      removeOnFail: { age: DELIVERY_RETENTION_SECONDS },
    },
    skipWaitingForReady: true,
    skipVersionCheck: true,
  });
  queue.on('error', () => undefined);
  return queue;
}

/** Names the delivery of a message to a webhook in that queue. */
export function deliveryJobId(webhookId: string, messageId: string): string {
  return `${webhookId}.${messageId}`;
}

/** Says how a delivery stands, by BullMQ's word for where it is. */
export function deliveryStatus(state: string): DeliveryStatus {
  if (state === 'completed') return 'succeeded';
  return state === 'failed' ? 'failed' : 'pending';
}
