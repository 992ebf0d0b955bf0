import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Paths of the programs that make up a control plane of Kubernetes. */
export interface KubernetesBinaries {
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly scheduler: string;
}

/** Names of those programs, as Kubernetes calls them. */
export const kubernetesPrograms = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/** Finds a real control plane of Kubernetes in PATH; undefined where one of its programs is not there. */
export async function findKubernetes(): Promise<KubernetesBinaries | undefined> {
  const found = await Promise.all(kubernetesPrograms.map(whereIs));
  const [etcd, apiServer, controllerManager, scheduler] = found;
  if (etcd === undefined || apiServer === undefined || controllerManager === undefined || scheduler === undefined)
    return undefined;
  return { etcd, apiServer, controllerManager, scheduler };
}

async function whereIs(program: string): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)('sh', ['-c', 'command -v "$0"', program]).catch(() => ({ stdout: '' }));
  return stdout.trim() || undefined;
}
