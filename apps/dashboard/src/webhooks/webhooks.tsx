import type { AdminWebhookBody, ListBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { resource, useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Badge } from '../components/badge.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { CopyId } from '../components/copy-id.js';
import { Filters, TenantFilter, useFilters } from '../components/filters.js';
import { Empty, Failure, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { useMay } from '../session/session.js';
import { Page, Panel } from '../shell/page.js';
import { useTenantNames } from '../tenants/tenant-names.js';

/** Where tenants are told of their generations' ends. */
export function Webhooks() {
  const may = useMay();
  const tenants = useTenantNames();
  const filters = useFilters(['tenant']);
  const query = useQuery(resource<ListBody<AdminWebhookBody>>('webhooks', filters.values));
  const change = useChange(
    ({ id, enabled }: { id: string; enabled: boolean }) => send<AdminWebhookBody>('PATCH', `webhooks/${id}`, { enabled }),
    { changed: ['webhooks'], done: ({ enabled }) => (enabled ? 'Deliveries begin again.' : 'The webhook is disabled.') },
  );
  const actions = {
    title: 'Change',
    cell: ({ id, enabled, url }: AdminWebhookBody) =>
      enabled ? (
        <ConfirmButton
          label="Disable"
          title={`Stop deliveries to ${hostOf(url)}?`}
          disabled={change.isPending}
          onConfirm={() => change.mutate({ id, enabled: false })}
        >
          Its tenant reads that an operator did it, and can enable it again.
        </ConfirmButton>
      ) : (
        <button type="button" disabled={change.isPending} onClick={() => change.mutate({ id, enabled: true })}>
          Enable
        </button>
      ),
  };
  return (
    <Page
      title="Webhooks"
      about="Where tenants are told of their generations’ ends. Tenants make them by the API; secrets are never shown."
    >
      <Filters>
        <TenantFilter filters={filters} />
      </Filters>
      {change.error !== null && <Failure error={change.error} />}
      <Panel title="Webhooks">
        <Loaded query={query}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty>
                {filters.isSet ? 'This tenant has none.' : 'No tenant has one yet. They are made by POST /v1/webhooks.'}
              </Empty>
            ) : (
              <Table
                caption="Webhooks"
                rows={data}
                rowKey={({ id }) => id}
                columns={[
                  { title: 'Address', cell: ({ url }) => url },
                  { title: 'State', cell: (webhook) => <State webhook={webhook} /> },
                  { title: 'Tenant', cell: ({ tenant }) => tenants.get(tenant) ?? tenant },
                  { title: 'Told of', cell: ({ events }) => events.map((name) => name.replace('generation.', '')).join(', ') },
                  { title: 'For', cell: ({ description }) => description },
                  { title: 'Made', cell: ({ created_at }) => <TimeAgo at={created_at} /> },
                  { title: 'Id', cell: ({ id }) => <CopyId id={id} /> },
                  ...(may('operate') ? [actions] : []),
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
      <p className="hint">
        Single deliveries and their attempts are kept by the gateway for the tenant: GET /v1/webhooks/ID/deliveries with a key
        that has the scope “webhooks”, where one can also be sent again.
      </p>
    </Page>
  );
}

function State({ webhook: { enabled, disabled_reason } }: { webhook: AdminWebhookBody }) {
  if (enabled) return <Badge tone="good">enabled</Badge>;
  return (
    <>
      <Badge tone="warn">disabled</Badge> <span className="hint">{disabled_reason ?? 'by its tenant'}</span>
    </>
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
