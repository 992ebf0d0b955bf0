import type { ListBody, TenantBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { resource, useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { CopyId } from '../components/copy-id.js';
import { Field, FormError } from '../components/field.js';
import { Empty, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { useMay } from '../session/session.js';
import { Page, Panel } from '../shell/page.js';
import { limitInWords } from './limits.js';

/** All tenants, and a form for another one. */
export function TenantList() {
  const may = useMay();
  const query = useQuery(resource<ListBody<TenantBody>>('tenants'));
  return (
    <Page title="Tenants" about="Who uses the platform, and how much of it they may.">
      <Panel title="All tenants">
        <Loaded query={query}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty>There is no tenant yet. The first key that is issued makes one.</Empty>
            ) : (
              <Table
                caption="Tenants"
                rows={data}
                rowKey={({ id }) => id}
                columns={[
                  { title: 'Name', cell: ({ id, name }) => <Link to={`/tenants/${id}`}>{name}</Link> },
                  { title: 'Requests a minute', isNumber: true, cell: (it) => limitInWords(it.requests_per_minute) },
                  { title: 'Compute a month', isNumber: true, cell: (it) => limitInWords(it.compute_units_per_month) },
                  { title: 'At once', isNumber: true, cell: (it) => limitInWords(it.concurrent_generations) },
                  { title: 'Weight', isNumber: true, cell: ({ weight }) => weight ?? 1 },
                  { title: 'Policy', cell: (it) => (it.policy_digest === null ? 'default' : 'its own') },
                  { title: 'Made', cell: ({ created_at }) => <TimeAgo at={created_at} /> },
                  { title: 'Id', cell: ({ id }) => <CopyId id={id} /> },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
      {may('operate') && <NewTenant />}
    </Page>
  );
}

function NewTenant() {
  const [name, setName] = useState('');
  const navigate = useNavigate();
  const create = useChange((name: string) => send<TenantBody>('POST', 'tenants', { name }), {
    changed: ['tenants'],
    done: (tenant) => `Tenant ${tenant.name} was made.`,
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    create.mutate(name, { onSuccess: ({ id }) => void navigate(`/tenants/${id}`) });
  };
  return (
    <Panel title="New tenant">
      <form onSubmit={submit} className="narrow">
        <Field label="Name" param="name" error={create.error} hint="Up to 100 characters; it can’t be changed later.">
          {(ids) => <input {...ids} value={name} onChange={(event) => setName(event.target.value)} required />}
        </Field>
        <FormError error={create.error} params={['name']} />
        <div className="actions">
          <button type="submit" className="primary" disabled={create.isPending}>
            Make the tenant
          </button>
        </div>
      </form>
    </Panel>
  );
}
