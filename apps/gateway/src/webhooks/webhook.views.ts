import type { Webhook } from '@darkroom/contracts';
import {
  type DeliveryBody,
  type WebhookBody,
  type WebhookEvent,
  type WebhookWithSecretBody,
  webhookEvents,
} from '@darkroom/contracts/http';
import { deliveryStatus, type FoundDelivery } from '@darkroom/service-kit/queue';
import type { Message } from './message.js';

/** A webhook as the HTTP API shows it. */
export function viewWebhook(webhook: Webhook): WebhookBody {
  return {
    id: webhook.id,
    object: 'webhook',
    created: Math.floor(webhook.createdAtMs / 1000),
    url: webhook.url,
    events: webhookEvents.filter((event: WebhookEvent) => webhook.events.includes(event)),
    description: webhook.description,
    enabled: webhook.enabled,
    disabled_reason: webhook.disabledReason === '' ? null : webhook.disabledReason,
    previous_secret_expires: webhook.previousSecretUntilMs > 0 ? Math.floor(webhook.previousSecretUntilMs / 1000) : null,
  };
}

/** A webhook with the secret that was just made for it. */
export function viewWebhookWithSecret(webhook: Webhook, secret: string): WebhookWithSecretBody {
  return { ...viewWebhook(webhook), secret };
}

/** A delivery as the HTTP API shows it. */
export function viewDelivery(found: FoundDelivery<Message>): DeliveryBody {
  const { data, timestamp, failedReason } = found.job;
  const { message, webhookId, attempts, nextAttemptAtMs } = data;
  return {
    id: message.id,
    object: 'webhook_delivery',
    webhook: webhookId,
    created: Math.floor(timestamp / 1000),
    type: message.type,
    generation: message.type === 'webhook.test' ? null : message.generation.id,
    status: deliveryStatus(found.state),
    error: found.state === 'failed' ? (failedReason ?? null) : null,
    attempts: [...attempts],
    next_attempt_at: found.state === 'delayed' ? new Date(nextAttemptAtMs).toISOString() : null,
  };
}
