import type { ListBody, OperatorBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { resource } from '../api/queries.js';
import { Badge } from '../components/badge.js';
import { Empty, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { Page, Panel } from '../shell/page.js';
import { NewOperator } from './new-operator.js';
import { OperatorActions } from './operator-actions.js';

/** Who may sign in with a password, and what they may do. */
export function Operators() {
  const query = useQuery(resource<ListBody<OperatorBody>>('operators'));
  return (
    <Page
      title="Operators"
      about="Who signs in with a password. Roles of an OpenID provider are given there."
      actions={<NewOperator />}
    >
      <Panel title="All operators">
        <Loaded query={query}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty>There is no operator yet. Make one, so that nobody needs the admin token.</Empty>
            ) : (
              <Table
                caption="Operators"
                rows={data}
                rowKey={({ id }) => id}
                columns={[
                  { title: 'Name', cell: ({ name }) => name },
                  { title: 'Role', cell: ({ role }) => role },
                  { title: 'State', cell: (operator) => <State operator={operator} /> },
                  { title: 'Last sign-in', cell: ({ last_sign_in_at }) => <TimeAgo at={last_sign_in_at} /> },
                  { title: 'Made', cell: ({ created_at }) => <TimeAgo at={created_at} /> },
                  { title: 'Change', cell: (operator) => <OperatorActions operator={operator} /> },
                ]}
              />
            )
          }
        </Loaded>
      </Panel>
    </Page>
  );
}

function State({ operator: { disabled_at } }: { operator: OperatorBody }) {
  return disabled_at === null ? <Badge tone="good">may sign in</Badge> : <Badge tone="plain">disabled</Badge>;
}
