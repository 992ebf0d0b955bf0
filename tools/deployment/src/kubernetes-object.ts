/** An object as it is sent to the Kubernetes API. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: its shape depends on its kind, and is checked against that kind's schema.
  readonly [field: string]: any;
}

/** A container, as far as checks look at it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
  }[];
  // biome-ignore lint/suspicious/noExplicitAny: see above.
  readonly [field: string]: any;
}

const workloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']);

/** Tells whether an object makes pods. */
export function isWorkload({ kind }: KubernetesObject): boolean {
  return workloads.has(kind);
}

/** Names an object in findings. */
export function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata.name}`;
}

/** Returns what a workload's pods are. */
export function podOf({ kind, spec }: KubernetesObject) {
  return (kind === 'CronJob' ? spec.jobTemplate.spec : spec).template.spec;
}

/** Lists a workload's containers, those that run first among them. */
export function containersOf(workload: KubernetesObject): readonly Container[] {
  const pod = podOf(workload);
  return [...(pod.initContainers ?? []), ...pod.containers] as Container[];
}
