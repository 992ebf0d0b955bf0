import type { SeenNode, SeenPod } from '@darkroom/cluster';
import type { Room } from '@darkroom/scaling-policy';
import type { FleetPods } from '../fleet/fleet.js';

/** What the cluster is at a moment. */
export interface SeenCluster {
  readonly nodes: readonly SeenNode[];
  readonly pods: readonly SeenPod[];
}

/** A fleet as the cluster has it. */
export interface FleetInCluster {
  /** Pods that take work. */
  readonly ready: number;
  /** Pods that have a node and are not ready yet. */
  readonly starting: number;
  /** Pods that wait for a node. */
  readonly pending: number;
  readonly room: Room;
  /** Of the resource that it is short of, on the nodes that it may use. */
  readonly allocatable: number;
  readonly free: number;
}

/** Counts a fleet's pods, and how many more the cluster could schedule. */
export function fleetInCluster({ nodes, pods }: SeenCluster, namespace: string, fleet: FleetPods): FleetInCluster {
  const { resource, perReplica, mayWait } = fleet;
  const live = pods.filter(({ hasEnded }) => !hasEnded);
  const own = live.filter((pod) => pod.namespace === namespace && !pod.isEnding && has(pod.labels, fleet.labels));
  const usable = nodes.filter(({ isOpen, labels }) => isOpen && has(labels, fleet.nodeLabels));

  const taken = new Map<string, number>();
  for (const { node, requests } of live) {
    if (node !== undefined) taken.set(node, (taken.get(node) ?? 0) + (requests[resource] ?? 0));
  }
  const free = usable.map(({ name, allocatable }) => Math.max(0, (allocatable[resource] ?? 0) - (taken.get(name) ?? 0)));
  const fitting = sum(free.map((amount) => Math.floor(amount / perReplica)));
  // Whoever waits for one of these nodes will have it first.
  const waiting = live.filter(
    (pod) =>
      pod.node === undefined && (pod.requests[resource] ?? 0) > 0 && usable.some(({ labels }) => has(labels, pod.nodeLabels)),
  );
  const claimed = sum(waiting.map(({ requests }) => Math.ceil((requests[resource] ?? 0) / perReplica)));
  const allocatable = sum(usable.map((node) => node.allocatable[resource] ?? 0));
  return {
    ready: own.filter(({ isReady }) => isReady).length,
    starting: own.filter(({ node, isReady }) => node !== undefined && !isReady).length,
    pending: own.filter(({ node }) => node === undefined).length,
    allocatable,
    free: sum(free),
    room: {
      kind: 'known',
      replicas: Math.max(0, fitting + mayWait - claimed),
      why: words(resource, { usable: usable.length, allocatable, free: sum(free), waiting: waiting.length }),
    },
  };
}

function words(
  resource: string,
  { usable, allocatable, free, waiting }: Record<'usable' | 'allocatable' | 'free' | 'waiting', number>,
) {
  if (usable === 0) return 'no node that it may use is open';
  const wait = waiting === 0 ? '' : `, and ${waiting} ${waiting === 1 ? 'pod waits' : 'pods wait'} for some`;
  return `${free} of ${allocatable} ${resource} are free on ${usable} ${usable === 1 ? 'node' : 'nodes'}${wait}`;
}

/** Tells whether labels have all that are wanted. */
function has(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
