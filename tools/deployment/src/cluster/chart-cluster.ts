import {
  FakeNodes,
  type KubernetesAccess,
  type KubernetesBinaries,
  type KubernetesServer,
  startKubernetes,
} from '@darkroom/testing/kubernetes';
import { renderChart } from '../chart.js';
import { defineKinds, install } from './install.js';

const NAMESPACE = 'pictures';

/** A real control plane of Kubernetes with the chart in it, and nodes that there are no machines for. */
export interface ChartCluster {
  readonly api: KubernetesServer;
  readonly namespace: string;
  /** How one of the chart's service accounts reaches the API, with a token as a pod of it has. */
  access(account: string): Promise<KubernetesAccess>;
  /** Sets how many pods a deployment has, as its owner would. */
  scale(deployment: string, replicas: number): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * Starts a cluster with the fleets of the GPU values: two nodes with four H200 each, of which one is cordoned, one of parts of a GPU, and none
 * with an H100. KEDA is not there, so fleets have one pod each; the one on H200 is scaled to six, of which four have room.
 */
export async function startChartCluster(binaries: KubernetesBinaries): Promise<ChartCluster> {
  const objects = await renderChart(
    'ci/gpu-fleets-values.yaml',
    'controlPlane.cluster.enabled=true',
    // There is no storage either; pods fetch into their own folder.
    'models.cache.kind=pod',
  );
  const api = await startKubernetes(binaries);
  const { admin } = api;
  const nodes = new FakeNodes(admin);
  try {
    await admin.must('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    await admin.must('POST', '/apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'serving' }, value: 1_000 });
    await defineKinds(admin, objects);
    const taints = [{ key: 'nvidia.com/gpu', effect: 'NoSchedule', value: 'present' }];
    const h200 = { 'nvidia.com/gpu.product': 'NVIDIA-H200', 'karpenter.sh/capacity-type': 'on-demand' };
    await nodes.add({ name: 'cpu-1' });
    await nodes.add({ name: 'h200-1', labels: h200, devices: { 'nvidia.com/gpu': '4' }, taints });
    await nodes.add({ name: 'h200-2', labels: h200, devices: { 'nvidia.com/gpu': '4' }, taints });
    await nodes.add({ name: 'mig-1', labels: { 'darkroom.example/pool': 'mig' }, devices: { 'nvidia.com/mig-1g.10gb': '7' } });
    await admin.must('PATCH', '/api/v1/nodes/h200-2', { spec: { unschedulable: true } }, 'application/merge-patch+json');
    const { findings } = await install(admin, NAMESPACE, objects, false);
    if (findings.length > 0) throw new Error(findings.join('\n'));
  } catch (error) {
    await nodes.stop();
    await api.dispose();
    throw error;
  }
  const cluster: ChartCluster = {
    api,
    namespace: NAMESPACE,
    access: async (account) => {
      const request = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec: { expirationSeconds: 86_400 } };
      const path = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${account}/token`;
      const { status } = await admin.must('POST', path, request);
      return { ...admin.access, token: status.token };
    },
    scale: async (deployment, replicas) => {
      const path = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${deployment}/scale`;
      await admin.must('PATCH', path, { spec: { replicas } }, 'application/merge-patch+json');
    },
    dispose: async () => {
      await nodes.stop();
      await api.dispose();
    },
  };
  await cluster.scale('darkroom-denoiser-large-h200', 6);
  return cluster;
}
