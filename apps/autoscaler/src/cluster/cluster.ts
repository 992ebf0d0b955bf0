import {
  CoreV1Api,
  connectCluster,
  type SeenNode,
  type SeenPod,
  seenNode,
  seenPod,
  type V1Node,
  type V1Pod,
  Watch,
  WatchedList,
  type WatchedListOptions,
} from '@darkroom/cluster';
import { Lifecycle, Log, Readiness } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';
import type { SeenCluster } from './fleet-room.js';

/** How long a list may take before the API counts as not answering. */
const LIST_TIMEOUT_MS = 10_000;

const RETRY_MS = [250, 5_000] as const;

/** What is known of the cluster. */
export type ClusterView =
  /** There is none, or nobody is to ask. */
  { readonly kind: 'none' } | ({ readonly kind: 'seen' } & SeenCluster) | { readonly kind: 'unknown'; readonly why: string };

/** Sees the cluster's nodes and pods through the Kubernetes API. */
@Injectable()
export class Cluster {
  private readonly staleMs: number;
  private readonly lists:
    | { readonly nodes: WatchedList<V1Node, SeenNode>; readonly pods: WatchedList<V1Pod, SeenPod> }
    | undefined;

  constructor(config: Config, lifecycle: Lifecycle, log: Log, readiness: Readiness) {
    this.staleMs = config.kubernetesStaleSeconds * 1_000;
    readiness.tell('kubernetes', () => this.note());
    if (config.kubernetes === 'none') return;
    const kubeConfig = connectCluster(config.kubernetes);
    const core = kubeConfig.makeApiClient(CoreV1Api);
    const fieldSelector = 'status.phase!=Succeeded,status.phase!=Failed';
    const common = (
      what: string,
    ): Pick<WatchedListOptions<never, never>, 'watch' | 'listTimeoutMs' | 'retryMs' | 'onChange'> => ({
      watch: new Watch(kubeConfig),
      listTimeoutMs: LIST_TIMEOUT_MS,
      retryMs: RETRY_MS,
      onChange: (reason) => {
        if (reason === undefined) log.info('the Kubernetes API is back', { what });
        else log.warn('the Kubernetes API is not reachable', { what, reason });
      },
    });
    this.lists = {
      nodes: new WatchedList({ ...common('nodes'), path: '/api/v1/nodes', list: () => core.listNode(), keep: seenNode }),
      pods: new WatchedList({
        ...common('pods'),
        path: '/api/v1/pods',
        fieldSelector,
        list: () => core.listPodForAllNamespaces({ fieldSelector }),
        keep: seenPod,
      }),
    };
    void this.lists.nodes.run(lifecycle.draining);
    void this.lists.pods.run(lifecycle.draining);
  }

  /** Whether there is a cluster to look at. */
  get isWatched(): boolean {
    return this.lists !== undefined;
  }

  /** What is known of the cluster now. */
  get view(): ClusterView {
    if (this.lists === undefined) return { kind: 'none' };
    const { nodes, pods } = this.lists;
    const reason = nodes.missing(this.staleMs) ?? pods.missing(this.staleMs);
    if (reason !== undefined) return { kind: 'unknown', why: `the Kubernetes API is not reachable (${reason})` };
    return { kind: 'seen', nodes: [...nodes.items], pods: [...pods.items] };
  }

  private note(): string | undefined {
    const { view } = this;
    if (view.kind === 'none')
      return 'KUBERNETES_API is none: what can be scheduled is not known, and maxReplicas alone limits fleets';
    return view.kind === 'unknown' ? `${view.why}: fleets stay as they are` : undefined;
  }
}
