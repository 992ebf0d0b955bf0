/** A node of the cluster. */
export interface ClusterNodeBody {
  readonly name: string;
  /** Kind of its GPUs, as its labels say; null where they don't. */
  readonly gpu: string | null;
  /** Whether new pods may come: it is ready, and nobody has cordoned it. */
  readonly is_open: boolean;
  /** Processors, bytes of memory, and devices. */
  readonly resources: readonly { readonly name: string; readonly allocatable: number; readonly free: number }[];
}

/** A pod of a fleet. */
export interface ClusterPodBody {
  readonly name: string;
  readonly node: string | null;
  readonly phase: string;
  readonly is_ready: boolean;
  readonly is_ending: boolean;
  readonly restarts: number;
  /** Why it does not run, in the cluster's words. */
  readonly why: string | null;
}

/** A deployment of denoisers. */
export interface ClusterFleetBody {
  readonly name: string;
  readonly wanted: number;
  readonly ready: number;
  readonly pods: readonly ClusterPodBody[];
  /** KEDA's object that scales it; null where there is none. */
  readonly scaled_object: {
    readonly name: string;
    readonly min: number;
    readonly max: number;
    readonly is_ready: boolean | null;
    readonly is_active: boolean | null;
    readonly is_on_fallback: boolean | null;
    /** Replicas at which somebody holds it; null while KEDA decides. */
    readonly paused_at: number | null;
  } | null;
}

/** What the cluster has, or why that is not known. */
export type ClusterBody =
  | { readonly available: false; readonly reason: string }
  | {
      readonly available: true;
      readonly namespace: string;
      readonly nodes: readonly ClusterNodeBody[];
      readonly fleets: readonly ClusterFleetBody[];
    };
