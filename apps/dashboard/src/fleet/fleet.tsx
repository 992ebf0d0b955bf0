import type { WorkerBody, WorkerListBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { resource, useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Badge, type Tone } from '../components/badge.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { CopyId, shortened } from '../components/copy-id.js';
import { Empty, Failure, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { TimeAgo } from '../components/time-ago.js';
import { duration, percent } from '../overview/figures.js';
import { useMay } from '../session/session.js';
import { Page, Panel } from '../shell/page.js';
import { Cluster } from './cluster.js';

/** Workers report once a second. */
const REFRESH_MS = 2_000;

const states: Readonly<Record<WorkerBody['state'], readonly [Tone, string]>> = {
  taking: ['good', 'Takes generations'],
  draining: ['busy', 'Hands on what it has'],
  drained: ['warn', 'Drained'],
  resuming: ['busy', 'Begins again'],
};

/** The workers that make pictures. */
export function Fleet() {
  const query = useQuery({ ...resource<WorkerListBody>('workers'), refetchInterval: REFRESH_MS });
  return (
    <Page title="Fleet" about="Denoisers that have reported within the last ten seconds.">
      <Panel title="Workers">
        <Loaded query={query}>
          {({ data }) =>
            data.length === 0 ? <Empty>No worker reports. Generations wait until one does.</Empty> : <Workers workers={data} />
          }
        </Loaded>
      </Panel>
      <Cluster />
    </Page>
  );
}

function Workers({ workers }: { workers: readonly WorkerBody[] }) {
  const may = useMay();
  return (
    <Table
      caption="Workers"
      rows={workers}
      rowKey={({ id }) => id}
      columns={[
        { title: 'Worker', cell: ({ id }) => <CopyId id={id} what="worker" /> },
        { title: 'Model', cell: ({ model }) => <Link to="/models">{model}</Link> },
        { title: 'State', cell: ({ state }) => <Badge tone={states[state][0]}>{states[state][1]}</Badge> },
        { title: 'Where', cell: ({ host, provider }) => [host, provider].filter((text) => text !== null).join(', ') || '—' },
        { title: 'Since', cell: (one) => <TimeAgo at={one.started_at} /> },
        { title: 'Running', cell: ({ running, concurrency }) => `${running} of ${concurrency}`, isNumber: true },
        { title: 'Batches full', cell: (one) => percent(one.batch_occupancy), isNumber: true },
        { title: 'Has', cell: ({ generations }) => <Generations generations={generations} /> },
        ...(may('operate') ? [{ title: 'Do', cell: (worker: WorkerBody) => <DrainButton worker={worker} /> }] : []),
      ]}
    />
  );
}

function Generations({ generations }: { generations: WorkerBody['generations'] }) {
  if (generations.length === 0) return 'nothing';
  return (
    <span className="generations-of">
      {generations.slice(0, 4).map((one) => (
        <span key={one.id}>
          <Link to={`/generations/${one.id}`}>{shortened(one.id)}</Link>{' '}
          <span className="hint">
            {one.steps === null ? '' : `${Math.floor(one.steps_made ?? 0)} of ${one.steps} steps, `}
            {duration(one.finish_seconds)} left
          </span>
        </span>
      ))}
      {generations.length > 4 && <span className="hint">and {generations.length - 4} more</span>}
    </span>
  );
}

function DrainButton({ worker: { id, state } }: { worker: WorkerBody }) {
  const isDrained = state === 'drained' || state === 'draining';
  const { mutate, isPending, error } = useChange(() => send('POST', `workers/${id}/${isDrained ? 'resume' : 'drain'}`), {
    changed: ['workers'],
    done: isDrained ? 'The worker takes generations again within two seconds.' : 'The worker hands on what it has.',
  });
  return (
    <>
      {isDrained ? (
        <button type="button" disabled={isPending} onClick={() => mutate(undefined)}>
          Resume
        </button>
      ) : (
        <ConfirmButton label="Drain" title="Drain this worker?" disabled={isPending} onConfirm={() => mutate(undefined)}>
          <p>
            It hands on what it has, which other workers go on with from its last step, and takes nothing until it is resumed.
            Where it is the only worker of its model, generations wait.
          </p>
        </ConfirmButton>
      )}
      {error !== null && <Failure error={error} />}
    </>
  );
}
