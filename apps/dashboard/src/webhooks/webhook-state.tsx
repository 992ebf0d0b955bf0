import type { AdminWebhookBody } from '@darkroom/contracts/admin';
import { Badge } from '../components/badge.js';

/** Whether a webhook is told, and if not, by whose doing. */
export function WebhookState({ webhook: { enabled, disabled_reason } }: { webhook: AdminWebhookBody }) {
  if (enabled) return <Badge tone="good">enabled</Badge>;
  return (
    <>
      <Badge tone="warn">disabled</Badge> <span className="hint">{disabled_reason ?? 'by its tenant'}</span>
    </>
  );
}

/** Which ends a webhook is told of. */
export function eventsInWords({ events }: Pick<AdminWebhookBody, 'events'>): string {
  return events.map((name) => name.replace('generation.', '')).join(', ');
}
