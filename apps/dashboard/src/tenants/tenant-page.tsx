import type { WholeTenantBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { resource } from '../api/queries.js';
import { CopyId } from '../components/copy-id.js';
import { Loaded } from '../components/states.js';
import { Facts } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { useMay } from '../session/session.js';
import { Page, Panel } from '../shell/page.js';
import { formOf, inShort, limitInWords, limits } from './limits.js';
import { TenantKeys } from './tenant-keys.js';
import { TenantTerms } from './tenant-terms.js';

/** One tenant: what it has used, what it may, and its keys. */
export function TenantPage() {
  const { id = '' } = useParams();
  const query = useQuery(resource<WholeTenantBody>(`tenants/${id}`));
  return (
    <Page title={query.data?.name ?? 'Tenant'} about={<Link to="/tenants">All tenants</Link>}>
      <Loaded query={query}>{(tenant) => <TenantParts tenant={tenant} />}</Loaded>
    </Page>
  );
}

function TenantParts({ tenant }: { tenant: WholeTenantBody }) {
  const may = useMay();
  const { compute_units_this_month: used, compute_units_per_month: limit } = tenant;
  return (
    <>
      <div className="panels">
        <Panel title="Tenant">
          <Facts
            facts={[
              ['Id', <CopyId key="id" id={tenant.id} />],
              ['Made', <TimeAgo key="made" at={tenant.created_at} />],
              ['Used this month', `${inShort(used)} compute units`],
              [
                'Usage',
                <Link key="usage" to={`/usage?tenant=${tenant.id}`}>
                  By day, model and key
                </Link>,
              ],
              ['Moderation', <Policy key="policy" tenant={tenant} />],
              [
                'Webhooks',
                <Link key="webhooks" to={`/webhooks?tenant=${tenant.id}`}>
                  Where it is told of ends
                </Link>,
              ],
            ]}
          />
          {limit !== null && (
            <label>
              {`${Math.round((used / limit) * 100)} % of this month’s ${inShort(limit)} compute units`}
              <progress max={limit} value={used} />
            </label>
          )}
        </Panel>
        {!may('operate') && (
          <Panel title="Limits">
            <Facts facts={limits.map(({ name, label }) => [label, limitInWords(tenant[name])] as const)} />
          </Panel>
        )}
      </div>
      <TenantKeys tenant={tenant} />
      {may('operate') && <TenantTerms key={JSON.stringify(formOf(tenant))} tenant={tenant} />}
    </>
  );
}

function Policy({ tenant: { id, policy_digest } }: { tenant: WholeTenantBody }) {
  return <Link to={`/moderation/policies/${id}`}>{policy_digest === null ? 'The default policy' : 'A policy of its own'}</Link>;
}
