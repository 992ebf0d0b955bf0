import type { AdminWebhookBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { resource } from '../api/queries.js';
import { CopyId } from '../components/copy-id.js';
import { Loaded } from '../components/states.js';
import { Facts } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { useMay } from '../session/session.js';
import { Page, Panel } from '../shell/page.js';
import { useTenantNames } from '../tenants/tenant-names.js';
import { DeliveryList } from './delivery-list.js';
import { EnabledButton } from './enabled-button.js';
import { eventsInWords, WebhookState } from './webhook-state.js';

/** One webhook, and what was and will be sent to it. */
export function WebhookPage() {
  const { id = '' } = useParams();
  const may = useMay();
  const query = useQuery(resource<AdminWebhookBody>(`webhooks/${id}`));
  const { data } = query;
  return (
    <Page
      title="Webhook"
      about={<Link to="/webhooks">All webhooks</Link>}
      actions={data !== undefined && may('operate') && <EnabledButton webhook={data} />}
    >
      <Loaded query={query}>
        {(webhook) => (
          <>
            <WebhookFacts webhook={webhook} />
            <DeliveryList webhook={id} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function WebhookFacts({ webhook }: { webhook: AdminWebhookBody }) {
  const { id, url, tenant, description, created_at, previous_secret_until } = webhook;
  const tenants = useTenantNames();
  return (
    <Panel title={url}>
      <Facts
        facts={[
          ['State', <WebhookState key="state" webhook={webhook} />],
          [
            'Tenant',
            <Link key="tenant" to={`/tenants/${tenant}`}>
              {tenants.get(tenant) ?? tenant}
            </Link>,
          ],
          ['Told of', eventsInWords(webhook)],
          ['For', description || null],
          ['Made', <TimeAgo key="made" at={created_at} />],
          ['Id', <CopyId key="id" id={id} />],
          ...(previous_secret_until === null
            ? []
            : [['The secret before ends', <TimeAgo key="until" at={previous_secret_until} />] as const]),
        ]}
      />
    </Panel>
  );
}
