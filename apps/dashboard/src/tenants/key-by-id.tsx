import type { KeyBody, ListBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { Navigate, useParams } from 'react-router';
import { resource } from '../api/queries.js';
import { Empty, Loaded } from '../components/states.js';
import { Page } from '../shell/page.js';

/** Leads from a key's id to its tenant. */
export function KeyById() {
  const { id } = useParams();
  const query = useQuery(resource<ListBody<KeyBody>>('keys'));
  return (
    <Page title="Key">
      <Loaded query={query}>
        {({ data }) => {
          const key = data.find((one) => one.id === id);
          return key === undefined ? (
            <Empty>There is no key of that id.</Empty>
          ) : (
            <Navigate to={`/tenants/${key.tenant}`} replace />
          );
        }}
      </Loaded>
    </Page>
  );
}
