import type { PolicyBody, PolicyListBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams, useSearchParams } from 'react-router';
import { resource } from '../api/queries.js';
import { Loaded } from '../components/states.js';
import { useMay } from '../session/session.js';
import { Page } from '../shell/page.js';
import { useTenantNames } from '../tenants/tenant-names.js';
import { PolicyEditor } from './policy-editor.js';
import { PolicyView } from './policy-table.js';
import { PolicyVersions } from './policy-versions.js';

/** Moderation policies: the default, and the versions that a tenant has of its own. */
export function PolicyPage() {
  const { tenant = '' } = useParams();
  const tenants = useTenantNames();
  const navigate = useNavigate();
  return (
    <Page
      title={tenant === '' ? 'Default policy' : `Policy of ${tenants.get(tenant) ?? 'a tenant'}`}
      about={<Link to="/moderation">Moderation</Link>}
      actions={
        <label className="check">
          Tenant
          <select value={tenant} onChange={({ target }) => void navigate(`/moderation/policies/${target.value}`)}>
            <option value="">The default</option>
            {[...tenants].map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      }
    >
      {tenant === '' ? <DefaultPolicy /> : <TenantPolicies key={tenant} tenant={tenant} />}
    </Page>
  );
}

function DefaultPolicy() {
  const query = useQuery(resource<PolicyBody>('policies/default'));
  return (
    <Loaded query={query}>
      {(policy) => (
        <>
          <p className="hint">
            Of all tenants that have none of their own. It comes with the platform and can’t be changed; choose a tenant to give
            it another one.
          </p>
          <PolicyView policy={policy} />
        </>
      )}
    </Loaded>
  );
}

function TenantPolicies({ tenant }: { tenant: string }) {
  const may = useMay();
  const [search, setSearch] = useSearchParams();
  const versions = useQuery(resource<PolicyListBody>(`tenants/${tenant}/policies`));
  const shown = search.get('version') ?? versions.data?.active ?? 'default';
  const policy = useQuery(resource<PolicyBody>(`policies/${shown}`));
  const show = (digest: string) => setSearch({ version: digest }, { replace: true });
  return (
    <>
      <Loaded query={versions}>{(list) => <PolicyVersions tenant={tenant} list={list} shown={shown} onShow={show} />}</Loaded>
      <Loaded query={policy}>
        {(policy) =>
          may('review') ? (
            <PolicyEditor key={policy.digest} tenant={tenant} policy={policy} onEntered={show} />
          ) : (
            <PolicyView policy={policy} />
          )
        }
      </Loaded>
    </>
  );
}
