import type { V1Container, V1Deployment, V1Node, V1Pod } from '@kubernetes/client-node';
import { parseQuantity } from './quantity.js';

/** Quantities by resource, for instance `nvidia.com/gpu`. */
export type Resources = Readonly<Record<string, number>>;

type Labels = Readonly<Record<string, string>>;

/** What is kept of a node. */
export interface SeenNode {
  readonly name: string;
  readonly labels: Labels;
  /** Whether new pods may come: it is ready, and nobody has cordoned it. */
  readonly isOpen: boolean;
  readonly allocatable: Resources;
}

/** What is kept of a pod. */
export interface SeenPod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** The node it was given; undefined while it waits for one. */
  readonly node: string | undefined;
  readonly phase: string;
  readonly isReady: boolean;
  /** How often its containers were started again. */
  readonly restarts: number;
  /** Why it is not running, in the cluster's words; undefined when that is not told. */
  readonly why: string | undefined;
  /** Whether it is being deleted: it still takes its resources, and does no more work. */
  readonly isEnding: boolean;
  /** Whether it has ended and takes nothing any more. */
  readonly hasEnded: boolean;
  /** Labels that its node must have. */
  readonly nodeLabels: Labels;
  readonly requests: Resources;
}

/** Takes of a node what decides whether pods fit. */
export function seenNode({ metadata, spec, status }: V1Node): SeenNode {
  return {
    name: metadata?.name ?? '',
    labels: metadata?.labels ?? {},
    isOpen: spec?.unschedulable !== true && isTrue(status?.conditions, 'Ready'),
    allocatable: quantities(status?.allocatable),
  };
}

/** Takes of a pod what it needs and where it stands. */
export function seenPod({ metadata, spec, status }: V1Pod): SeenPod {
  return {
    name: metadata?.name ?? '',
    namespace: metadata?.namespace ?? '',
    labels: metadata?.labels ?? {},
    node: spec?.nodeName || undefined,
    phase: status?.phase ?? 'Unknown',
    restarts: (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
    why: whyNotRunning(status),
    isReady: isTrue(status?.conditions, 'Ready'),
    isEnding: metadata?.deletionTimestamp !== undefined,
    hasEnded: status?.phase === 'Succeeded' || status?.phase === 'Failed',
    nodeLabels: spec?.nodeSelector ?? {},
    requests: podRequests(spec?.containers ?? [], spec?.initContainers ?? []),
  };
}

/** What is kept of a deployment. */
export interface SeenDeployment {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Labels that its pods have. */
  readonly podLabels: Labels;
  readonly wanted: number;
  readonly ready: number;
}

/** What is kept of KEDA's object for a deployment. */
export interface SeenScaledObject {
  readonly name: string;
  readonly namespace: string;
  /** Name of the deployment that it scales. */
  readonly target: string;
  readonly min: number;
  readonly max: number;
  /** Whether KEDA asks for replicas, and whether it has taken its fallback; undefined while it has not told. */
  readonly isReady: boolean | undefined;
  readonly isActive: boolean | undefined;
  readonly isOnFallback: boolean | undefined;
  /** Replicas at which it is held; undefined while KEDA decides. */
  readonly pausedAt: number | undefined;
}

/** KEDA's annotation that holds a deployment at a number of replicas (KEDA, "Pause autoscaling"). */
export const pauseAnnotation = 'autoscaling.keda.sh/paused-replicas';

/** A ScaledObject as the API gives it, as far as it is read here. */
export interface ScaledObject {
  metadata?: { name?: string; namespace?: string; annotations?: Record<string, string> };
  spec?: { scaleTargetRef?: { name?: string }; minReplicaCount?: number; maxReplicaCount?: number };
  status?: { conditions?: { type: string; status: string }[] };
}

/** Takes of a deployment how many replicas there are and should be. */
export function seenDeployment({ metadata, spec, status }: V1Deployment): SeenDeployment {
  return {
    name: metadata?.name ?? '',
    namespace: metadata?.namespace ?? '',
    labels: metadata?.labels ?? {},
    podLabels: spec?.selector.matchLabels ?? {},
    wanted: spec?.replicas ?? 1,
    ready: status?.readyReplicas ?? 0,
  };
}

/** Takes of a ScaledObject how it stands. */
export function seenScaledObject({ metadata, spec, status }: ScaledObject): SeenScaledObject {
  const condition = (wanted: string) => {
    const found = status?.conditions?.find(({ type }) => type === wanted)?.status;
    return found === undefined || found === 'Unknown' ? undefined : found === 'True';
  };
  const paused = metadata?.annotations?.[pauseAnnotation];
  return {
    name: metadata?.name ?? '',
    namespace: metadata?.namespace ?? '',
    target: spec?.scaleTargetRef?.name ?? '',
    min: spec?.minReplicaCount ?? 0,
    max: spec?.maxReplicaCount ?? 100,
    isReady: condition('Ready'),
    isActive: condition('Active'),
    isOnFallback: condition('Fallback'),
    pausedAt: paused === undefined ? undefined : Number(paused),
  };
}

/** Of a pod that waits for a node, the scheduler's words; of one whose containers can't run, why they wait. */
function whyNotRunning(status: V1Pod['status']): string | undefined {
  const unscheduled = status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (unscheduled !== undefined) return unscheduled.message ?? unscheduled.reason;
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const waiting = statuses.map(({ state }) => state?.waiting).find((one) => one !== undefined);
  return waiting && [waiting.reason, waiting.message].filter((text) => text !== undefined).join(': ');
}

function isTrue(conditions: readonly { readonly type: string; readonly status: string }[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

function quantities(given: { readonly [resource: string]: string } | undefined): Resources {
  return Object.fromEntries(Object.entries(given ?? {}).map(([name, quantity]) => [name, parseQuantity(quantity)]));
}

/**
 * What a pod needs of each resource: its containers and those init containers that go on running together, or, where that is more, an
 * init container that runs before them (Kubernetes, "Resource sharing within containers").
 */
function podRequests(containers: readonly V1Container[], initContainers: readonly V1Container[]): Resources {
  const goesOn = (container: V1Container) => container.restartPolicy === 'Always';
  const sums = new Map<string, number>();
  for (const { resources } of [...containers, ...initContainers.filter(goesOn)]) {
    for (const [name, quantity] of Object.entries(quantities(resources?.requests))) {
      sums.set(name, (sums.get(name) ?? 0) + quantity);
    }
  }
  for (const { resources } of initContainers.filter((container) => !goesOn(container))) {
    for (const [name, quantity] of Object.entries(quantities(resources?.requests))) {
      sums.set(name, Math.max(sums.get(name) ?? 0, quantity));
    }
  }
  return Object.fromEntries(sums);
}
