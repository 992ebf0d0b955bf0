import type { AdminDeliveryAttemptBody, AdminDeliveryBody } from '@darkroom/contracts/admin';
import { Badge, type Tone } from '../components/badge.js';

const tones: Readonly<Record<AdminDeliveryBody['status'], Tone>> = { pending: 'busy', succeeded: 'good', failed: 'bad' };

/** How a delivery stands. */
export function DeliveryStatus({ status }: Pick<AdminDeliveryBody, 'status'>) {
  return <Badge tone={tones[status]}>{status}</Badge>;
}

/** What came of an attempt, in words. */
export function attemptInWords({ status_code, error }: Pick<AdminDeliveryAttemptBody, 'status_code' | 'error'>): string {
  return error ?? `taken (${status_code})`;
}

/** What came last of a delivery, in words; why it was given up comes before what its last attempt failed of. */
export function lastInWords({ attempts, error }: AdminDeliveryBody): string {
  const last = attempts.at(-1);
  return error ?? (last === undefined ? 'not tried yet' : attemptInWords(last));
}
