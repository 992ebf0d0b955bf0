import type { AdminWebhookBody } from '@darkroom/contracts/admin';
import { useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { Failure } from '../components/states.js';

/** Stops deliveries to a webhook, or lets them begin again. */
export function EnabledButton({ webhook: { id, url, enabled } }: { webhook: AdminWebhookBody }) {
  const change = useChange((enabled: boolean) => send<AdminWebhookBody>('PATCH', `webhooks/${id}`, { enabled }), {
    changed: ['webhooks'],
    done: ({ enabled }) => (enabled ? 'Deliveries begin again.' : 'The webhook is disabled.'),
  });
  return (
    <>
      {enabled ? (
        <ConfirmButton
          label="Disable"
          title={`Stop deliveries to ${hostOf(url)}?`}
          disabled={change.isPending}
          onConfirm={() => change.mutate(false)}
        >
          Its tenant reads that an operator did it, and can enable it again.
        </ConfirmButton>
      ) : (
        <button type="button" disabled={change.isPending} onClick={() => change.mutate(true)}>
          Enable
        </button>
      )}
      {change.error !== null && <Failure error={change.error} />}
    </>
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
