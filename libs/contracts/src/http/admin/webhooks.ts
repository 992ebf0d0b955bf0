import type { DeliveryStatus } from '../delivery-status.js';
import type { DeliveryType } from '../webhooks.js';

/** A tenant's webhook, without its secret. */
export interface AdminWebhookBody {
  readonly id: string;
  readonly tenant: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly description: string;
  readonly enabled: boolean;
  /** Why the platform or an operator disabled it; null when it is enabled, or its owner did. */
  readonly disabled_reason: string | null;
  readonly created_at: string;
  /** Until when the secret before the last rotation signs too. */
  readonly previous_secret_until: string | null;
}

/** One attempt at a delivery; the body of the answer is not shown to operators, since it may repeat what was sent. */
export interface AdminDeliveryAttemptBody {
  readonly at: string;
  readonly duration_ms: number;
  /** Null when no answer came. */
  readonly status_code: number | null;
  /** Why it failed, in words; null when it was taken. */
  readonly error: string | null;
}

/** One message to a webhook: what it tells of, and what became of it. */
export interface AdminDeliveryBody {
  /** What the header `webhook-id` says, at every attempt. */
  readonly id: string;
  readonly webhook: string;
  readonly type: DeliveryType;
  /** The generation that it tells of; null for a test. */
  readonly generation: string | null;
  readonly status: DeliveryStatus;
  /** Why it was given up. */
  readonly error: string | null;
  readonly created_at: string;
  /** The last 20, the oldest first. */
  readonly attempts: readonly AdminDeliveryAttemptBody[];
  /** When it is tried again; null when it is not, or just being sent. */
  readonly next_attempt_at: string | null;
}
