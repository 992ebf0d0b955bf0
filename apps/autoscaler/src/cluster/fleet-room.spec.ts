import { seenNode, seenPod } from '@darkroom/cluster';
import { gpuNode, gpuPod } from '@darkroom/cluster/api-server';
import type { V1Node, V1Pod } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import type { FleetPods } from '../fleet/fleet.js';
import { fleetInCluster } from './fleet-room.js';

const pods: FleetPods = {
  labels: { app: 'denoiser-pocket' },
  nodeLabels: { 'nvidia.com/gpu.product': 'NVIDIA-H200' },
  resource: 'nvidia.com/gpu',
  perReplica: 1,
  mayWait: 0,
};
const look = (cluster: { nodes: V1Node[]; pods?: V1Pod[] }, overrides: Partial<FleetPods> = {}) =>
  fleetInCluster({ nodes: cluster.nodes.map(seenNode), pods: (cluster.pods ?? []).map(seenPod) }, 'darkroom', {
    ...pods,
    ...overrides,
  });
const room = (replicas: number, why: unknown = expect.any(String)) => ({ kind: 'known', replicas, why });

describe('a fleet in the cluster', () => {
  it('counts its pods by what they do', () => {
    const fleet = look({
      nodes: [gpuNode('n1', 8)],
      pods: [
        gpuPod('a', { node: 'n1' }),
        gpuPod('b', { node: 'n1', ready: false }),
        gpuPod('c'),
        gpuPod('d', { node: 'n1', ending: true }),
        gpuPod('e', { node: 'n1', app: 'other' }),
        { ...gpuPod('f', { node: 'n1' }), status: { phase: 'Succeeded' } },
        { ...gpuPod('g', { node: 'n1' }), metadata: { name: 'g', namespace: 'elsewhere', labels: { app: 'denoiser-pocket' } } },
      ],
    });
    expect(fleet).toMatchObject({ ready: 1, starting: 1, pending: 1, allocatable: 8, free: 3 });
    // Of 8, five are taken: an ending pod still has its own. One waits.
    expect(fleet.room).toEqual(room(2, '3 of 8 nvidia.com/gpu are free on 1 node, and 1 pod waits for some'));
  });

  it('has no room on nodes that are cordoned, not ready, of another kind, or without the resource', () => {
    const nodes = [
      gpuNode('n1', 8, { cordoned: true }),
      gpuNode('n2', 8, { ready: false }),
      gpuNode('n3', 8, { labels: { 'nvidia.com/gpu.product': 'NVIDIA-T4' } }),
      gpuNode('n4', 0),
    ];
    expect(look({ nodes }).room).toEqual(room(0, '0 of 0 nvidia.com/gpu are free on 1 node'));
    expect(look({ nodes: nodes.slice(0, 3) }).room).toEqual(room(0, 'no node that it may use is open'));
    expect(look({ nodes }, { nodeLabels: {} }).room).toEqual(room(8));
  });

  it('needs the whole of a replica on one node', () => {
    const nodes = [gpuNode('n1', 3), gpuNode('n2', 3)];
    expect(look({ nodes }, { perReplica: 2 }).room).toEqual(room(2, '6 of 6 nvidia.com/gpu are free on 2 nodes'));
    expect(look({ nodes, pods: [gpuPod('x', { node: 'n1', gpus: 2, app: 'other' })] }, { perReplica: 2 }).room).toEqual(room(1));
  });

  it('leaves what others wait for, if they wait for these nodes', () => {
    const elsewhere = gpuPod('y', { app: 'other' });
    const waiting = [
      gpuPod('x', { app: 'other' }),
      { ...elsewhere, spec: { ...elsewhere.spec, nodeSelector: { zone: 'far' } } as never },
    ];
    expect(look({ nodes: [gpuNode('n1', 4)], pods: waiting }).room).toEqual(room(3, expect.stringContaining('1 pod waits')));
  });

  it('lets as many pods wait for new nodes as it may', () => {
    const nodes = [gpuNode('n1', 1)];
    expect(look({ nodes }, { mayWait: 4 }).room).toEqual(room(5));
    const busy = [gpuPod('a', { node: 'n1' }), gpuPod('b'), gpuPod('c'), gpuPod('d')];
    expect(look({ nodes, pods: busy }, { mayWait: 4 }).room).toEqual(room(1));
    expect(look({ nodes, pods: busy }, { mayWait: 2 }).room).toEqual(room(0));
  });

  it('knows resources other than GPUs', () => {
    const nodes = [gpuNode('n1', 8)];
    expect(look({ nodes, pods: [gpuPod('a', { node: 'n1' })] }, { resource: 'cpu', perReplica: 4 }).room).toEqual(room(3));
  });
});

describe('what a pod needs', () => {
  it('is what its containers need together, or its largest init container', () => {
    const container = (gpus: string, restartPolicy?: string) => ({
      name: 'x',
      resources: { requests: { 'nvidia.com/gpu': gpus } },
      ...(restartPolicy === undefined ? {} : { restartPolicy }),
    });
    const of = (containers: object[], initContainers: object[]) =>
      seenPod({ spec: { containers, initContainers } as never }).requests['nvidia.com/gpu'];
    expect(of([container('1'), container('2')], [])).toBe(3);
    expect(of([container('1')], [container('4'), container('2')])).toBe(4);
    expect(of([container('1')], [container('2', 'Always')])).toBe(3);
    expect(of([{ name: 'x' }], [])).toBeUndefined();
  });
});
