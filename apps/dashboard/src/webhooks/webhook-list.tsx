import type { AdminWebhookBody, ListBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { resource } from '../api/queries.js';
import { CopyId } from '../components/copy-id.js';
import { Filters, TenantFilter, useFilters } from '../components/filters.js';
import { Empty, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { useMay } from '../session/session.js';
import { Page, Panel } from '../shell/page.js';
import { useTenantNames } from '../tenants/tenant-names.js';
import { EnabledButton } from './enabled-button.js';
import { eventsInWords, WebhookState } from './webhook-state.js';

/** Where tenants are told of their generations' ends. */
export function WebhookList() {
  const may = useMay();
  const tenants = useTenantNames();
  const filters = useFilters(['tenant']);
  const query = useQuery(resource<ListBody<AdminWebhookBody>>('webhooks', filters.values));
  const actions = { title: 'Change', cell: (webhook: AdminWebhookBody) => <EnabledButton webhook={webhook} /> };
  return (
    <Page
      title="Webhooks"
      about="Where tenants are told of their generations’ ends. Tenants make them by the API; secrets are never shown."
    >
      <Filters>
        <TenantFilter filters={filters} />
      </Filters>
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
                  { title: 'Address', cell: ({ id, url }) => <Link to={`/webhooks/${id}`}>{url}</Link> },
                  { title: 'State', cell: (webhook) => <WebhookState webhook={webhook} /> },
                  { title: 'Tenant', cell: ({ tenant }) => tenants.get(tenant) ?? tenant },
                  { title: 'Told of', cell: eventsInWords },
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
    </Page>
  );
}
