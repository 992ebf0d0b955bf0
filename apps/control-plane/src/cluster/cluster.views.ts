import type { SeenNode, SeenPod, SeenScaledObject } from '@darkroom/cluster';
import type { ClusterBody, ClusterFleetBody, ClusterNodeBody, ClusterPodBody } from '@darkroom/contracts/admin';
import type { ClusterState, SeenFleets } from './cluster-watch.js';

/** What the chart calls the deployments of denoisers. */
const COMPONENT = 'app.kubernetes.io/component';

/** Resources that are shown of nodes: these, and devices. */
const ordinary: readonly string[] = ['cpu', 'memory'];

/** What the cluster has, as the admin API shows it. */
export function viewCluster(state: ClusterState, namespace: string): ClusterBody {
  if (state.kind === 'unknown') return { available: false, reason: state.why };
  return {
    available: true,
    namespace,
    nodes: state.nodes.map((node) => viewNode(node, state.pods)).sort(byName),
    fleets: viewFleets(state),
  };
}

/** The deployments of denoisers, with their pods and what scales them. */
export function viewFleets({ deployments, pods, scaledObjects }: SeenFleets): ClusterFleetBody[] {
  const fleets = deployments.filter(({ labels }) => labels[COMPONENT] === 'denoiser');
  return fleets
    .map(({ name, namespace, podLabels, wanted, ready }) => {
      const scaledObject = scaledObjects.find(({ target }) => target === name);
      const isOwn = (pod: SeenPod) =>
        pod.namespace === namespace && Object.entries(podLabels).every(([label, value]) => pod.labels[label] === value);
      return {
        name,
        wanted,
        ready,
        pods: pods.filter(isOwn).map(viewPod).sort(byName),
        scaled_object: scaledObject === undefined ? null : viewScaledObject(scaledObject),
      };
    })
    .sort(byName);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function viewNode({ name, labels, isOpen, allocatable }: SeenNode, pods: readonly SeenPod[]): ClusterNodeBody {
  const own = pods.filter(({ node, hasEnded }) => node === name && !hasEnded);
  const isShown = (resource: string) => ordinary.includes(resource) || /^[^/]+\/(gpu|mig-)/.test(resource);
  return {
    name,
    gpu: labels['nvidia.com/gpu.product'] ?? null,
    is_open: isOpen,
    resources: Object.entries(allocatable)
      .filter(([resource]) => isShown(resource))
      .map(([resource, amount]) => {
        const taken = own.reduce((sum, { requests }) => sum + (requests[resource] ?? 0), 0);
        return { name: resource, allocatable: amount, free: Math.max(0, amount - taken) };
      }),
  };
}

function viewPod({ name, node, phase, isReady, isEnding, restarts, why }: SeenPod): ClusterPodBody {
  return { name, node: node ?? null, phase, is_ready: isReady, is_ending: isEnding, restarts, why: why ?? null };
}

function viewScaledObject({ name, min, max, isReady, isActive, isOnFallback, pausedAt }: SeenScaledObject) {
  return {
    name,
    min,
    max,
    is_ready: isReady ?? null,
    is_active: isActive ?? null,
    is_on_fallback: isOnFallback ?? null,
    paused_at: pausedAt ?? null,
  };
}
