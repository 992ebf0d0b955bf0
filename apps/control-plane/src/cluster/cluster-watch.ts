import type {
  KubeConfig,
  SeenDeployment,
  SeenNode,
  SeenPod,
  SeenScaledObject,
  WatchedList,
  WatchedListOptions,
} from '@darkroom/cluster';
import { Lifecycle, Log } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';

/** How long a list may take, and for how long what was seen counts after the API was lost: whoever looks is told the truth within it. */
const PATIENCE_MS = 2_000;

const RETRY_MS = [250, 5_000] as const;

/** What there is in the cluster. */
export interface SeenFleets {
  readonly nodes: readonly SeenNode[];
  readonly pods: readonly SeenPod[];
  readonly deployments: readonly SeenDeployment[];
  /** Empty where there is no KEDA. */
  readonly scaledObjects: readonly SeenScaledObject[];
}

/** What is known of the cluster, or why nothing is. */
export type ClusterState = ({ readonly kind: 'seen' } & SeenFleets) | { readonly kind: 'unknown'; readonly why: string };

interface Lists {
  readonly nodes: WatchedList<never, SeenNode>;
  readonly pods: WatchedList<never, SeenPod>;
  readonly deployments: WatchedList<never, SeenDeployment>;
  readonly scaledObjects: WatchedList<never, SeenScaledObject>;
}

/** Sees nodes, pods, fleets and what scales them, through the Kubernetes API. */
@Injectable()
export class ClusterWatch {
  readonly namespace: string;
  /** How to reach the API; undefined where there is none to reach. */
  readonly connection: Promise<KubeConfig> | undefined;
  private readonly log: Log;
  private lists: Lists | undefined;
  /** Why the API can't be asked at all. */
  private broken: string | undefined;

  constructor({ kubernetes, kubernetesNamespace }: Config, lifecycle: Lifecycle, log: Log) {
    this.namespace = kubernetesNamespace;
    this.log = log;
    if (kubernetes === 'none') return;
    // Its client is large, and loaded only where there is a cluster.
    this.connection = import('@darkroom/cluster').then(({ connectCluster }) => connectCluster(kubernetes));
    this.connection
      .then((connection) => this.watch(connection, lifecycle.draining))
      .catch((error: unknown) => {
        this.broken = `the Kubernetes API can not be asked (${(error as Error).message})`;
        log.error('the Kubernetes API can not be asked', { error });
      });
  }

  /** What is known now, as of two seconds ago at most. */
  get state(): ClusterState {
    if (this.connection === undefined)
      return { kind: 'unknown', why: 'KUBERNETES_API is none: the platform runs outside of a cluster' };
    if (this.lists === undefined) return { kind: 'unknown', why: this.broken ?? 'not listed yet' };
    const { nodes, pods, deployments, scaledObjects } = this.lists;
    const missing = [nodes, pods, deployments].map((list) => list.missing(PATIENCE_MS)).find((reason) => reason !== undefined);
    if (missing !== undefined) return { kind: 'unknown', why: `the Kubernetes API is not reachable (${missing})` };
    return {
      kind: 'seen',
      nodes: [...nodes.items],
      pods: [...pods.items],
      deployments: [...deployments.items],
      scaledObjects: [...scaledObjects.items],
    };
  }

  private async watch(connection: KubeConfig, draining: AbortSignal): Promise<void> {
    const cluster = await import('@darkroom/cluster');
    const core = connection.makeApiClient(cluster.CoreV1Api);
    const apps = connection.makeApiClient(cluster.AppsV1Api);
    const custom = connection.makeApiClient(cluster.CustomObjectsApi);
    const { namespace } = this;
    const fieldSelector = 'status.phase!=Succeeded,status.phase!=Failed';
    const list = <Kept>(
      what: string,
      options: Pick<WatchedListOptions<never, Kept>, 'path' | 'fieldSelector' | 'list' | 'keep'>,
    ) => {
      const watched = new cluster.WatchedList<never, Kept>({
        ...options,
        watch: new cluster.Watch(connection),
        listTimeoutMs: PATIENCE_MS,
        retryMs: RETRY_MS,
        onChange: (reason) => this.tell(what, reason),
      });
      void watched.run(draining);
      return watched;
    };
    const keda = { group: 'keda.sh', version: 'v1alpha1', namespace, plural: 'scaledobjects' };
    this.lists = {
      nodes: list('nodes', { path: '/api/v1/nodes', list: () => core.listNode() as never, keep: cluster.seenNode }),
      pods: list('pods', {
        path: '/api/v1/pods',
        fieldSelector,
        list: () => core.listPodForAllNamespaces({ fieldSelector }) as never,
        keep: cluster.seenPod,
      }),
      deployments: list('deployments', {
        path: `/apis/apps/v1/namespaces/${namespace}/deployments`,
        list: () => apps.listNamespacedDeployment({ namespace }) as never,
        keep: cluster.seenDeployment,
      }),
      scaledObjects: list('scaledobjects', {
        path: `/apis/keda.sh/v1alpha1/namespaces/${namespace}/scaledobjects`,
        list: () => custom.listNamespacedCustomObject(keda) as never,
        keep: cluster.seenScaledObject,
      }),
    };
  }

  private tell(what: string, reason: string | undefined): void {
    if (reason === undefined) this.log.info('the Kubernetes API is watched', { what });
    else this.log.warn('the Kubernetes API does not tell', { what, reason });
  }
}
