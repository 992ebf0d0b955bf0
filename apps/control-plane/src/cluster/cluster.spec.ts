/** The cluster through the real client of Kubernetes, over real HTTP. */
import { fleetDeployment, gpuNode, gpuPod, startApiServer } from '@darkroom/cluster/api-server';
import type { RunningService } from '@darkroom/service-kit';
import { stateFolder, type TemporaryFolder } from '@darkroom/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Client, readiness, startControlPlane } from '../control-plane.fixture.js';

let api: Awaited<ReturnType<typeof startApiServer>>;
let folder: TemporaryFolder;
let service: RunningService;
let client: Client;

const scaled = {
  metadata: { name: 'scaled-pocket', namespace: 'darkroom', annotations: { owner: 'helm' } },
  spec: { scaleTargetRef: { name: 'denoiser-pocket' }, minReplicaCount: 0, maxReplicaCount: 8 },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Active', status: 'False' },
      { type: 'Fallback', status: 'Unknown' },
    ],
  },
};

beforeAll(async () => {
  [api, folder] = await Promise.all([startApiServer(), stateFolder()]);
  api.set('nodes', gpuNode('n1', 4));
  api.set('nodes', gpuNode('n2', 2, { cordoned: true }));
  api.set('pods', gpuPod('p1', { node: 'n1' }));
  const message = '0/2 nodes are available: 2 Insufficient nvidia.com/gpu.';
  const pending = gpuPod('p2');
  api.set('pods', {
    ...pending,
    status: {
      ...pending.status,
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] as never,
    },
  });
  api.set('deployments', fleetDeployment('denoiser-pocket', 2, 1));
  api.set('deployments', fleetDeployment('denoiser-turbo', 1));
  api.set('scaledobjects', scaled);
  service = await startControlPlane({
    DARKROOM_STATE_DIR: folder.path,
    KUBERNETES_API: api.address,
    KUBERNETES_NAMESPACE: 'darkroom',
  });
  client = new Client(service);
  await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 30_000, interval: 50 });
  await vi.waitFor(async () => expect((await cluster()).available).toBe(true), { timeout: 20_000, interval: 50 });
  await vi.waitFor(() => expect(api.watching()).toBe(4), { timeout: 20_000, interval: 50 });
});
afterAll(async () => {
  client.connection.close();
  await service.stop();
  await api.stop();
  await folder.remove();
});

const cluster = async () => (await client.admin('GET', 'cluster')).body;
const fleet = async (name: string) => (await cluster()).fleets.find((one: { name: string }) => one.name === name);

describe('the cluster', () => {
  it('is its nodes with what is free, and its fleets with their pods and why they wait', async () => {
    const { nodes, fleets } = await cluster();
    expect(nodes).toMatchObject([
      { name: 'n1', gpu: 'NVIDIA-H200', is_open: true },
      { name: 'n2', is_open: false },
    ]);
    expect(nodes[0].resources).toContainEqual({ name: 'nvidia.com/gpu', allocatable: 4, free: 3 });
    expect(nodes[0].resources).toContainEqual({ name: 'cpu', allocatable: 15.89, free: expect.closeTo(13.89, 9) });
    expect(fleets).toMatchObject([
      {
        name: 'denoiser-pocket',
        wanted: 2,
        ready: 1,
        pods: [
          { name: 'p1', node: 'n1', phase: 'Running', is_ready: true, why: null },
          {
            name: 'p2',
            node: null,
            phase: 'Pending',
            is_ready: false,
            why: expect.stringContaining('Insufficient nvidia.com/gpu'),
          },
        ],
        scaled_object: {
          name: 'scaled-pocket',
          min: 0,
          max: 8,
          is_ready: true,
          is_active: false,
          is_on_fallback: null,
          paused_at: null,
        },
      },
      { name: 'denoiser-turbo', wanted: 1, pods: [], scaled_object: null },
    ]);
  });

  it('follows what changes, also after versions were forgotten (410 Gone)', { timeout: 20_000 }, async () => {
    api.set('deployments', fleetDeployment('denoiser-turbo', 3, 2));
    await expect.poll(async () => (await fleet('denoiser-turbo')).wanted).toBe(3);
    const listed = api.lists('pods');
    api.compact('event');
    api.endWatches();
    await expect.poll(() => api.lists('pods')).toBeGreaterThan(listed);
    api.delete('pods', gpuPod('p2'));
    await expect.poll(async () => (await fleet('denoiser-pocket')).pods.length).toBe(1);
  });
});

describe('a fleet', () => {
  it('that KEDA scales is held by its annotation, until KEDA decides again', { timeout: 20_000 }, async () => {
    expect((await client.admin('POST', 'cluster/fleets/denoiser-pocket/scale', { replicas: 5 })).status).toBe(202);
    await expect.poll(async () => (await fleet('denoiser-pocket')).scaled_object.paused_at).toBe(5);
    expect((await fleet('denoiser-pocket')).wanted).toBe(2);
    expect((await client.admin('POST', 'cluster/fleets/denoiser-pocket/resume')).status).toBe(202);
    await expect.poll(async () => (await fleet('denoiser-pocket')).scaled_object.paused_at).toBeNull();
    const { body } = await client.admin('GET', 'audit?kind=operator');
    expect(body.data.map(({ operator }: { operator: object }) => operator)).toMatchObject([
      { action: 'fleet.resume', subject: 'denoiser-pocket', outcome: 'done' },
      { action: 'fleet.scale', subject: 'denoiser-pocket', outcome: 'done' },
    ]);
  });

  it('that KEDA does not scale is scaled itself', { timeout: 20_000 }, async () => {
    expect((await client.admin('POST', 'cluster/fleets/denoiser-turbo/scale', { replicas: 0 })).status).toBe(202);
    await expect.poll(async () => (await fleet('denoiser-turbo')).wanted).toBe(0);
    expect((await client.admin('POST', 'cluster/fleets/denoiser-turbo/resume')).status).toBe(409);
  });

  it('is found, and its replicas are a number', async () => {
    expect(await client.admin('POST', 'cluster/fleets/nowhere/scale', { replicas: 1 })).toMatchObject({ status: 404 });
    for (const body of [{}, { replicas: -1 }, { replicas: 1.5 }, { replicas: 1, more: 1 }]) {
      expect(await client.admin('POST', 'cluster/fleets/denoiser-turbo/scale', body)).toMatchObject({ status: 400 });
    }
  });
});

describe('a cluster that can not be seen', () => {
  it('says so within seconds, changes nothing, and the rest works', { timeout: 30_000 }, async () => {
    await api.stop();
    await expect.poll(async () => (await cluster()).available).toBe(false);
    expect((await cluster()).reason).toMatch(/^the Kubernetes API is not reachable \(/);
    expect((await client.admin('POST', 'cluster/fleets/denoiser-turbo/scale', { replicas: 1 })).status).toBe(503);
    expect(await readiness(service)).toBe(200);
    await api.start();
    await expect.poll(async () => (await cluster()).available).toBe(true);
  });

  it('is none where the platform runs outside of one', { timeout: 30_000 }, async () => {
    const other = await stateFolder();
    const outside = await startControlPlane({ DARKROOM_STATE_DIR: other.path });
    const alone = new Client(outside);
    expect((await alone.admin('GET', 'cluster')).body).toEqual({
      available: false,
      reason: 'KUBERNETES_API is none: the platform runs outside of a cluster',
    });
    alone.connection.close();
    await outside.stop();
    await other.remove();
  });
});
