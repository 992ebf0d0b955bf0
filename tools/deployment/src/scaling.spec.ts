import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { renderChart, valueFiles } from './chart.js';
import { isWorkload, type KubernetesObject } from './kubernetes-object.js';
import { workspaceRoot } from './workspace.js';

/** What the autoscaler reads of a trigger, by its own code; a tool may not import an app, so the file is loaded by its path. */
interface Fleet {
  readonly model: string;
  readonly share: number;
  readonly settings: { readonly minReplicas: number; readonly maxReplicas: number };
  readonly pods: { readonly labels: object; readonly nodeLabels: object; readonly resource: string; readonly perReplica: number };
}
const fleetFile = pathToFileURL(path.join(workspaceRoot, 'apps/autoscaler/src/fleet/fleet.ts')).href;
const { readFleet } = (await import(/* @vite-ignore */ fleetFile)) as {
  readFleet(ref: { name: string; namespace: string; scalerMetadata: object }): Fleet;
};

const fleetOf = ({ metadata, spec }: KubernetesObject) =>
  readFleet({ name: metadata.name, namespace: 'pictures', scalerMetadata: spec.triggers[0].metadata });

describe.each(valueFiles.filter((values) => !values.includes('minimal')))('with %s', (values) => {
  it('each fleet has a trigger that the autoscaler reads, and that is of its own pods', async () => {
    const objects = await renderChart(values);
    const scaled = objects.filter(({ kind }) => kind === 'ScaledObject');
    const deployments = new Map(
      objects.filter(({ kind }) => kind === 'Deployment').map((object) => [object.metadata.name, object]),
    );
    expect(scaled.length).toBeGreaterThan(0);
    for (const object of scaled) {
      const { spec } = object;
      const target = deployments.get(spec.scaleTargetRef.name);
      const pod = target?.['spec'].template;
      const { model, settings, pods } = fleetOf(object);
      expect(target?.['spec'].replicas).toBeUndefined();
      expect([settings.minReplicas, settings.maxReplicas]).toEqual([spec.minReplicaCount, spec.maxReplicaCount]);
      expect(pod.spec.containers[0].env).toContainEqual({ name: 'MODEL', value: model });
      expect(pod.metadata.labels).toMatchObject(pods.labels);
      expect(Object.keys(pods.labels)).toContain('darkroom/fleet');
      expect(pod.spec.nodeSelector ?? {}).toEqual(pods.nodeLabels);
      // What it is short of is what its pods ask for; without a GPU that is memory.
      const { requests, limits } = pod.spec.containers[0].resources;
      if (pods.resource === 'memory') expect(requests.memory).toBe(`${pods.perReplica / 2 ** 30}Gi`);
      else expect(limits[pods.resource]).toBe(pods.perReplica);
    }
    const spec = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'darkroom-autoscaler')?.['spec'];
    expect(spec.ports).toContainEqual(expect.objectContaining({ name: 'grpc', port: 50051 }));
    for (const object of scaled)
      expect(object['spec'].triggers[0].metadata.scalerAddress).toBe('darkroom-autoscaler.pictures:50051');
  });

  it('the parts of a model that its fleets do make up the whole', async () => {
    const fleets = (await renderChart(values)).filter(({ kind }) => kind === 'ScaledObject').map(fleetOf);
    const shares = Map.groupBy(fleets, ({ model }) => model);
    for (const [model, list] of shares)
      expect(
        list.reduce((sum, { share }) => sum + share, 0),
        model,
      ).toBeCloseTo(1);
  });
});

describe('GPU fleets', async () => {
  const objects = await renderChart('ci/gpu-fleets-values.yaml');
  const podOf = (name: string) =>
    objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === `darkroom-denoiser-${name}`)?.['spec']
      .template.spec;

  it('take GPUs of their kind, spot or on demand, in the image for CUDA', () => {
    const pod = podOf('large-spot');
    expect(pod.nodeSelector).toEqual({ 'nvidia.com/gpu.product': 'NVIDIA-H100-80GB-HBM3', 'karpenter.sh/capacity-type': 'spot' });
    expect(pod.containers[0].image).toBe('registry.example/darkroom/denoiser-cuda:0.1.0');
    expect(pod.containers[0].resources.limits['nvidia.com/gpu']).toBe(1);
    expect(pod.containers[0].env).toContainEqual({ name: 'EXECUTION_PROVIDER', value: 'cuda' });
    expect(pod.tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
  });

  it('take parts of GPUs too, or none', () => {
    expect(podOf('fast-mig').containers[0].resources.limits['nvidia.com/mig-1g.10gb']).toBe(1);
    expect(podOf('fast-mig').nodeSelector).toEqual({ 'darkroom.example/pool': 'mig' });
    const cpu = podOf('trained-cpu');
    expect(cpu.containers[0].image).toBe('registry.example/darkroom/denoiser:0.1.0');
    expect(Object.keys(cpu.containers[0].resources.limits)).toEqual(['cpu', 'memory']);
    expect(cpu.nodeSelector).toBeUndefined();
  });

  it('use weights in a claim where they lie, and fetch others into the cache', () => {
    const { initContainers, volumes } = podOf('trained-cpu');
    const sources = JSON.parse(initContainers[0].env.find(({ name }: { name: string }) => name === 'MODEL_SOURCES').value);
    expect(sources).toEqual([
      expect.objectContaining({ name: 'trained', from: 'file:///claims/weights/runs/42', in_place: true }),
    ]);
    expect(volumes).toContainEqual({ name: 'claim-weights', persistentVolumeClaim: { claimName: 'weights', readOnly: true } });
    expect(volumes).toContainEqual({ name: 'cache', persistentVolumeClaim: { claimName: 'model-cache' } });
  });
});

describe('rights', async () => {
  const objects = await renderChart('values.yaml');

  it('are to look at nodes and pods, for the autoscaler alone', () => {
    const roles = objects.filter(({ kind }) => /Role$/.test(kind));
    expect(roles.map((role) => role['rules'])).toEqual([
      [{ apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['get', 'list', 'watch'] }],
    ]);
    const bindings = objects.filter(({ kind }) => /RoleBinding$/.test(kind));
    expect(bindings.flatMap((binding) => binding['subjects'])).toEqual([
      { kind: 'ServiceAccount', name: 'darkroom-autoscaler', namespace: 'pictures' },
    ]);
  });

  it('come with a token in no pod but its', () => {
    const withToken = objects
      .filter(isWorkload)
      .filter((object) => object['spec'].template.spec.automountServiceAccountToken !== false);
    expect(withToken.map(({ metadata }) => metadata.name)).toEqual(['darkroom-autoscaler']);
  });

  it('are of accounts that there are', () => {
    const accounts = new Set(objects.filter(({ kind }) => kind === 'ServiceAccount').map(({ metadata }) => metadata.name));
    for (const { spec } of objects.filter(isWorkload)) expect(accounts).toContain(spec.template.spec.serviceAccountName);
  });
});

describe('rights of a control plane that shows the cluster', async () => {
  const objects = await renderChart('values.yaml', 'controlPlane.cluster.enabled=true', 'controlPlane.devicePricePerHour=2');
  const own = objects.filter(({ metadata }) => metadata.name.endsWith('darkroom-control-plane'));

  it('are to look, to set replicas, and to hold what KEDA scales, in its own namespace', () => {
    const rules = (kind: string) => own.find((object) => object.kind === kind)?.['rules'];
    expect(rules('ClusterRole')).toEqual([{ apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['get', 'list', 'watch'] }]);
    expect(rules('Role')).toEqual([
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['get', 'update'] },
      { apiGroups: ['keda.sh'], resources: ['scaledobjects'], verbs: ['get', 'list', 'watch', 'update'] },
    ]);
    const subject = [{ kind: 'ServiceAccount', name: 'darkroom-control-plane', namespace: 'pictures' }];
    for (const kind of ['ClusterRoleBinding', 'RoleBinding']) {
      expect(own.find((object) => object.kind === kind)?.['subjects']).toEqual(subject);
    }
  });

  it('come with its token, the address of the API, and a door to it', () => {
    const { spec } = own.find(isWorkload)?.['spec'].template ?? {};
    expect(spec.automountServiceAccountToken).not.toBe(false);
    expect(spec.containers[0].env).toEqual(
      expect.arrayContaining([
        { name: 'KUBERNETES_API', value: 'in-cluster' },
        { name: 'KUBERNETES_NAMESPACE', value: 'pictures' },
        { name: 'DEVICE_PRICE_PER_HOUR', value: '2' },
        { name: 'JOURNAL_RETENTION_DAYS', value: '400' },
      ]),
    );
    const policy = own.find(({ kind }) => kind === 'NetworkPolicy');
    expect(policy?.['spec'].egress).toContainEqual(expect.objectContaining({ ports: [{ port: 443 }, { port: 6443 }] }));
  });
});
