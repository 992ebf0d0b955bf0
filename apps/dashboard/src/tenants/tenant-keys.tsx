import type { KeyBody, ListBody, TenantBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { resource, useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Badge } from '../components/badge.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { CopyId } from '../components/copy-id.js';
import { Empty, Failure, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { useMay } from '../session/session.js';
import { Panel } from '../shell/page.js';
import { NewKey } from './new-key.js';

/** A tenant's keys: which there are, a new one, and revoking. */
export function TenantKeys({ tenant }: { tenant: TenantBody }) {
  const may = useMay();
  const query = useQuery(resource<ListBody<KeyBody>>('keys', { tenant: tenant.id }));
  const revoke = useChange((key: KeyBody) => send<KeyBody>('DELETE', `keys/${key.id}`), {
    changed: ['keys'],
    done: (key) => `Key ${key.name} was revoked.`,
  });
  const actions = {
    title: 'Revoke',
    cell: (key: KeyBody) =>
      key.revoked_at === null && (
        <ConfirmButton
          label="Revoke"
          title={`Revoke the key ${key.name}?`}
          disabled={revoke.isPending}
          onConfirm={() => revoke.mutate(key)}
        >
          Whoever uses it is refused within seconds. It can’t be undone; a new key can be issued.
        </ConfirmButton>
      ),
  };
  return (
    <Panel title="Keys" actions={may('operate') && <NewKey tenant={tenant} />}>
      {revoke.error !== null && <Failure error={revoke.error} />}
      <Loaded query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty>It has no key yet, so nobody can use the API in its name.</Empty>
          ) : (
            <Table
              caption="Keys"
              rows={data}
              rowKey={({ id }) => id}
              columns={[
                { title: 'Name', cell: ({ name }) => name },
                { title: 'State', cell: (key) => <KeyState apiKey={key} /> },
                { title: 'Begins with', cell: ({ prefix }) => <code>{prefix}…</code> },
                { title: 'May', cell: ({ scopes }) => scopes.join(', ') },
                { title: 'Requests a minute', isNumber: true, cell: (key) => key.requests_per_minute ?? 'as the tenant' },
                { title: 'Last used', cell: ({ last_used_at }) => <TimeAgo at={last_used_at} /> },
                { title: 'Id', cell: ({ id }) => <CopyId id={id} /> },
                ...(may('operate') ? [actions] : []),
              ]}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}

function KeyState({ apiKey: { revoked_at, expires_at } }: { apiKey: KeyBody }) {
  if (revoked_at !== null) {
    return (
      <Badge tone="bad">
        revoked <TimeAgo at={revoked_at} />
      </Badge>
    );
  }
  if (expires_at === null) return <Badge tone="good">valid</Badge>;
  const isOver = Date.parse(expires_at) <= Date.now();
  return (
    <Badge tone={isOver ? 'bad' : 'good'}>
      {isOver ? 'expired' : 'expires'} <TimeAgo at={expires_at} />
    </Badge>
  );
}
