import type { AdminDeliveryBody, AdminWebhookBody } from '@darkroom/contracts/admin';
import { deliveryStatus, type FoundDelivery } from '@darkroom/service-kit/queue';
import type { WebhookRow } from './webhook.repository.js';

/** A webhook as the admin API shows it. */
export function viewWebhook({ previousSecretUntil, ...webhook }: WebhookRow): AdminWebhookBody {
  return {
    id: webhook.id,
    tenant: webhook.tenantId,
    url: webhook.url,
    events: webhook.events,
    description: webhook.description,
    enabled: webhook.enabled,
    disabled_reason: webhook.disabledReason || null,
    created_at: webhook.createdAt.toISOString(),
    previous_secret_until:
      previousSecretUntil !== null && previousSecretUntil.getTime() > Date.now() ? previousSecretUntil.toISOString() : null,
  };
}

/** A delivery as the admin API shows it: without its message, and without the bodies of answers, which may repeat that. */
export function viewDelivery({ job, state }: FoundDelivery): AdminDeliveryBody {
  const { message, webhookId, attempts, nextAttemptAtMs } = job.data;
  return {
    id: message.id,
    webhook: webhookId,
    type: message.type,
    generation: message.generation?.id ?? null,
    status: deliveryStatus(state),
    error: state === 'failed' ? (job.failedReason ?? null) : null,
    created_at: new Date(job.timestamp).toISOString(),
    attempts: attempts.map(({ at, duration_ms, status_code, error }) => ({ at, duration_ms, status_code, error })),
    next_attempt_at: state === 'delayed' ? new Date(nextAttemptAtMs).toISOString() : null,
  };
}
