import type { ClusterBody, ClusterFleetBody, ClusterNodeBody, ClusterPodBody } from '@darkroom/contracts/admin';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { resource, useChange } from '../api/queries.js';
import { send } from '../api/request.js';
import { Badge } from '../components/badge.js';
import { ConfirmButton } from '../components/confirm-button.js';
import { CopyId } from '../components/copy-id.js';
import { Empty, Failure, Loaded } from '../components/states.js';
import { Table } from '../components/table.js';
import { few } from '../overview/figures.js';
import { useMay } from '../session/session.js';
import { Panel } from '../shell/page.js';

const REFRESH_MS = 3_000;

/** The fleets and nodes of a Kubernetes cluster, where the platform runs in one. */
export function Cluster() {
  const query = useQuery({ ...resource<ClusterBody>('cluster'), refetchInterval: REFRESH_MS });
  return (
    <Loaded query={query}>
      {(cluster) =>
        cluster.available ? (
          <>
            {cluster.fleets.map((fleet) => (
              <FleetPanel key={fleet.name} fleet={fleet} />
            ))}
            <Panel title="Nodes">
              <Nodes nodes={cluster.nodes} />
            </Panel>
          </>
        ) : (
          <Panel title="Cluster">
            <Empty>{cluster.reason}.</Empty>
          </Panel>
        )
      }
    </Loaded>
  );
}

function FleetPanel({ fleet }: { fleet: ClusterFleetBody }) {
  const may = useMay();
  const { scaled_object: scaled } = fleet;
  return (
    <Panel title={fleet.name} actions={may('operate') && <Scale key={asked(fleet)} fleet={fleet} />}>
      <p>
        <Badge tone={fleet.ready >= fleet.wanted ? 'good' : fleet.pods.some(waits) ? 'warn' : 'busy'}>
          {fleet.ready} of {fleet.wanted} ready
        </Badge>{' '}
        {scaled === null ? 'KEDA does not scale it.' : `KEDA scales it from ${scaled.min} to ${scaled.max}.`}{' '}
        {scaled?.paused_at != null && <Badge tone="warn">Held at {scaled.paused_at}</Badge>}{' '}
        {scaled?.is_on_fallback === true && <Badge tone="bad">KEDA has no answer from the autoscaler</Badge>}
      </p>
      {fleet.pods.length === 0 ? (
        <Empty>It has no pods.</Empty>
      ) : (
        <Table
          caption={`Pods of ${fleet.name}`}
          rows={fleet.pods}
          rowKey={({ name }) => name}
          columns={[
            { title: 'Pod', cell: ({ name }) => <CopyId id={name} what="pod" /> },
            { title: 'Node', cell: ({ node }) => (node === null ? '—' : <CopyId id={node} what="node" />) },
            { title: 'State', cell: (pod) => <State pod={pod} /> },
            { title: 'Restarts', cell: ({ restarts }) => restarts, isNumber: true },
            { title: 'Why', cell: ({ why }) => why ?? '' },
          ]}
        />
      )}
    </Panel>
  );
}

function State({ pod }: { pod: ClusterPodBody }) {
  if (pod.is_ending) return <Badge tone="plain">Ending</Badge>;
  if (pod.is_ready) return <Badge tone="good">Ready</Badge>;
  return waits(pod) ? <Badge tone="warn">No node</Badge> : <Badge tone="busy">{pod.phase}</Badge>;
}

/** Tells whether a pod waits for a node that has room for it. */
function waits({ node, is_ending: isEnding }: ClusterPodBody): boolean {
  return node === null && !isEnding;
}

/** How many replicas somebody has set, else how many there should be. */
function asked({ wanted, scaled_object: scaled }: ClusterFleetBody): number {
  return scaled?.paused_at ?? wanted;
}

function Scale({ fleet }: { fleet: ClusterFleetBody }) {
  const { name, scaled_object: scaled } = fleet;
  const [replicas, setReplicas] = useState(asked(fleet));
  const changed = ['cluster'];
  const set = useChange(() => send('POST', `cluster/fleets/${name}/scale`, { replicas }), {
    changed,
    done: `${name}: ${replicas} replicas.`,
  });
  const resume = useChange(() => send('POST', `cluster/fleets/${name}/resume`), {
    changed,
    done: `KEDA decides on ${name} again.`,
  });
  const error = set.error ?? resume.error;
  return (
    <>
      <label className="check">
        Replicas
        <input type="number" min="0" max="1000" value={replicas} onChange={({ target }) => setReplicas(Number(target.value))} />
      </label>
      <ConfirmButton label="Set" title={`Set ${name} to ${replicas} replicas?`} onConfirm={() => set.mutate(undefined)}>
        <p>
          {scaled === null ? 'It keeps them until somebody sets others.' : 'KEDA holds it there until it is let decide again.'}
        </p>
      </ConfirmButton>
      {scaled?.paused_at != null && (
        <button type="button" onClick={() => resume.mutate(undefined)}>
          Let KEDA decide
        </button>
      )}
      {error !== null && <Failure error={error} />}
    </>
  );
}

function Nodes({ nodes }: { nodes: readonly ClusterNodeBody[] }) {
  const amount = (node: ClusterNodeBody, wanted: (name: string) => boolean, unit = 1) =>
    node.resources
      .filter(({ name, allocatable }) => wanted(name) && allocatable > 0)
      .map(({ name, free, allocatable }) => `${few(free / unit)} of ${few(allocatable / unit)}${partOf(name)}`)
      .join(', ') || '—';
  return (
    <Table
      caption="Nodes, with what is free"
      rows={nodes}
      rowKey={({ name }) => name}
      columns={[
        { title: 'Node', cell: ({ name }) => name },
        {
          title: 'Takes pods',
          cell: (node) => <Badge tone={node.is_open ? 'good' : 'warn'}>{node.is_open ? 'Open' : 'Closed'}</Badge>,
        },
        { title: 'GPU', cell: ({ gpu }) => gpu ?? '—' },
        { title: 'GPUs free', cell: (node) => amount(node, (name) => name.includes('/')), isNumber: true },
        { title: 'Processors free', cell: (node) => amount(node, (name) => name === 'cpu'), isNumber: true },
        { title: 'GiB free', cell: (node) => amount(node, (name) => name === 'memory', 2 ** 30), isNumber: true },
      ]}
    />
  );
}

/** Of parts of a GPU, which part: ` mig-1g.10gb`. */
function partOf(resource: string): string {
  const [, part] = /^[^/]+\/(?!gpu$)(.+)/.exec(resource) ?? [];
  return part === undefined ? '' : ` ${part}`;
}
