import { useQuery } from '@tanstack/react-query';
import { Route, Routes } from 'react-router';
import { type Listed, resource } from '../api/queries.js';
import { CopyId } from '../components/copy-id.js';
import { Empty, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { NotFound, Page, Panel } from '../shell/page.js';

interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
}

/** The pages of tenants and their keys. */
export function Tenants() {
  return (
    <Routes>
      <Route index element={<TenantList />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}

function TenantList() {
  const query = useQuery(resource<Listed<Tenant>>('tenants'));
  return (
    <Page title="Tenants" about="Who uses the platform, with which limits.">
      <Panel title="All tenants">
        <Loaded query={query}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty>There is no tenant yet.</Empty>
            ) : (
              <Table
                caption="Tenants"
                rows={data}
                rowKey={({ id }) => id}
                columns={[
                  { title: 'Name', cell: ({ name }) => name },
                  { title: 'Id', cell: ({ id }) => <CopyId id={id} /> },
                  { title: 'Made', cell: ({ created_at }) => <TimeAgo at={created_at} /> },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
    </Page>
  );
}
