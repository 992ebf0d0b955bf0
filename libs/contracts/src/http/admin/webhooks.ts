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
