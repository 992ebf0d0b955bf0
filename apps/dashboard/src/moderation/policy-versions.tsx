import type { PolicyListBody, PolicyPreviewBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { resource, useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Badge } from '../components/badge.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { shortened } from '../components/copy-id.js';
import { IdLink } from '../components/id-link.js';
import { Failure, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { inPlainWords } from '../components/words.js';
import { useMay } from '../session/session.js';
import { Panel } from '../shell/page.js';

interface Version {
  readonly digest: string;
  readonly version: string;
  readonly author: string | null;
  readonly created_at: string | null;
}

/** Which versions a tenant may switch to, which it has, and what another one would have changed. */
export function PolicyVersions({
  tenant,
  list,
  shown,
  onShow,
}: {
  tenant: string;
  list: PolicyListBody;
  shown: string;
  onShow: (digest: string) => void;
}) {
  const may = useMay();
  const switched = { changed: ['tenants', 'audit'], done: 'The policy was switched.' };
  const activate = useChange(
    (digest: string) => send<PolicyListBody>('POST', `tenants/${tenant}/policies/${digest}/activate`, {}),
    switched,
  );
  const rollBack = useChange(() => send<PolicyListBody>('POST', `tenants/${tenant}/policies/rollback`, {}), switched);
  const rows: Version[] = [{ digest: 'default', version: 'the default', author: null, created_at: null }, ...list.data];
  const error = activate.error ?? rollBack.error;
  const actions = {
    title: 'Switch',
    cell: ({ digest, version }: Version) =>
      digest !== list.active && (
        <ConfirmButton
          label="Activate"
          title={`Switch to ${version}?`}
          onConfirm={() => activate.mutate(digest, { onSuccess: () => onShow(digest) })}
        >
          Requests of this tenant are judged by it within seconds. It can be rolled back.
        </ConfirmButton>
      ),
  };
  return (
    <>
      <Panel
        title="Versions"
        actions={
          may('review') &&
          list.previous !== list.active && (
            <ConfirmButton
              label="Roll back"
              title="Switch back to the version before?"
              onConfirm={() => rollBack.mutate(undefined, { onSuccess: ({ active }) => onShow(active) })}
            >
              That is {nameOf(list.previous, rows)}.
            </ConfirmButton>
          )
        }
      >
        {error !== null && <Failure error={error} />}
        <Table
          caption="Versions of the policy"
          rows={rows}
          rowKey={({ digest }) => digest}
          columns={[
            {
              title: 'Version',
              cell: ({ digest, version }) => (
                <button type="button" className="quiet" aria-pressed={digest === shown} onClick={() => onShow(digest)}>
                  {version}
                </button>
              ),
            },
            { title: 'State', cell: ({ digest }) => digest === list.active && <Badge tone="good">active</Badge> },
            { title: 'Entered by', cell: ({ author }) => author ?? '—' },
            { title: 'When', cell: ({ created_at }) => <TimeAgo at={created_at} /> },
            { title: 'Digest', cell: ({ digest }) => <code title={digest}>{shortened(digest)}</code> },
            ...(may('review') ? [actions] : []),
          ]}
        />
      </Panel>
      {shown !== list.active && <Preview tenant={tenant} digest={shown} />}
    </>
  );
}

function nameOf(digest: string, rows: readonly Version[]): string {
  return rows.find((row) => row.digest === digest)?.version ?? shortened(digest);
}

function Preview({ tenant, digest }: { tenant: string; digest: string }) {
  const query = useQuery(resource<PolicyPreviewBody>(`tenants/${tenant}/policies/${digest}/preview`, { days: 7 }));
  return (
    <Panel title="What it would have changed in the last 7 days">
      <Loaded query={query}>
        {({ decisions, changed, changes, complete }) => (
          <>
            <p>
              {changed.toLocaleString('en')} of {decisions.toLocaleString('en')} decisions would have come out otherwise
              {complete ? '.' : '; only the newest were looked at.'} Exemptions are not counted: no prompt is kept.
            </p>
            {changes.length > 0 && (
              <Table
                caption="Decisions that would have come out otherwise"
                rows={changes}
                rowKey={({ stage, category, from, to }) => `${stage} ${category} ${from} ${to}`}
                columns={[
                  { title: 'Stage', cell: ({ stage }) => inPlainWords(stage) },
                  { title: 'Category', cell: ({ category }) => inPlainWords(category) },
                  { title: 'Now', cell: ({ from }) => from },
                  { title: 'Then', cell: ({ to }) => to },
                  { title: 'Decisions', isNumber: true, cell: ({ count }) => count.toLocaleString('en') },
                  {
                    title: 'For instance',
                    cell: ({ examples }) => (
                      <span className="actions">
                        {examples.map((id) => (
                          <IdLink key={id} id={id} />
                        ))}
                      </span>
                    ),
                  },
                ]}
              />
            )}
          </>
        )}
      </Loaded>
    </Panel>
  );
}
