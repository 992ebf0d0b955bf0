import { DarkroomError } from '@darkroom/contracts';
import type { WebhookRow } from './webhook.repository.js';

/**
 * Returns a webhook that was looked for.
 *
 * @throws {DarkroomError} Thrown with `not_found` when there is none.
 */
export function foundWebhook(webhook: WebhookRow | undefined): WebhookRow {
  if (webhook !== undefined) return webhook;
  throw new DarkroomError({ code: 'not_found', message: 'there is no such webhook', param: 'id' });
}
