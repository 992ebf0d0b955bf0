import type { V1Container, V1Node, V1Pod } from '@kubernetes/client-node';
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
  readonly namespace: string;
  readonly labels: Labels;
  /** The node it was given; undefined while it waits for one. */
  readonly node: string | undefined;
  readonly isReady: boolean;
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
    namespace: metadata?.namespace ?? '',
    labels: metadata?.labels ?? {},
    node: spec?.nodeName || undefined,
    isReady: isTrue(status?.conditions, 'Ready'),
    isEnding: metadata?.deletionTimestamp !== undefined,
    hasEnded: status?.phase === 'Succeeded' || status?.phase === 'Failed',
    nodeLabels: spec?.nodeSelector ?? {},
    requests: podRequests(spec?.containers ?? [], spec?.initContainers ?? []),
  };
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
