/** The autoscaler as KEDA calls it: over real gRPC, on a real Redis, beside an API server over real HTTP. */

import { gpuNode, gpuPod, startApiServer } from '@darkroom/cluster/api-server';
import { type RedisServer, startRedisServer } from '@darkroom/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { scaledObject, startAutoscaler, useQueue } from './autoscaler.fixture.js';

let server: RedisServer;
let queue: Awaited<ReturnType<typeof useQueue>>;
let scaler: Awaited<ReturnType<typeof startAutoscaler>>;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(() => server.dispose());

const start = async (environment: Readonly<Record<string, string>> = { KUBERNETES_API: 'none' }) => {
  queue = await useQueue(server.url);
  await queue.empty();
  scaler = await startAutoscaler({ REDIS_URL: server.url, ...environment });
  await expect.poll(async () => (await scaler.ready()).missing).toEqual({});
};
afterEach(async () => {
  await scaler.stop();
  await queue.close();
});

/** A name that nobody has asked with before: what was decided for it within a second would be told again. */
let fleets = 0;
const fresh = (metadata?: Readonly<Record<string, string>>) => scaledObject(`fleet-${fleets++}`, metadata);

describe('without Kubernetes', () => {
  beforeEach(() => start());

  it('wants nothing while there is nothing to do, and says that nobody is asked for room', async () => {
    const ref = fresh();
    expect(await scaler.isActive(ref)).toEqual({ result: false });
    expect(await scaler.replicas(ref)).toBe(0);
    expect((await scaler.ready()).notes).toEqual({ kubernetes: expect.stringContaining('maxReplicas alone limits fleets') });
  });

  it('wants one replica to measure with, and then what the work asks for', async () => {
    await queue.submit(40, 2);
    expect(await scaler.isActive(fresh())).toEqual({ result: true });
    expect(await scaler.replicas(fresh())).toBe(1);
    await queue.work(1);
    // 80 s of work, and 8 of 10 s are left for waiting.
    await expect.poll(() => scaler.replicas(fresh({ coldStartSeconds: '0' }))).toBe(10);
    expect(await scaler.replicas(fresh({ coldStartSeconds: '0', maxReplicas: '4' }))).toBe(4);
    expect(await scaler.replicas(fresh({ coldStartSeconds: '0', share: '0.5' }))).toBe(5);
  });

  it('wants what an operator wants to be warm, of nothing, until that is taken back', async () => {
    const ref = fresh();
    expect(await scaler.isActive(ref)).toEqual({ result: false });
    await queue.warm(3);
    await expect.poll(() => scaler.isActive(ref), { timeout: 10_000 }).toEqual({ result: true });
    expect(await scaler.replicas(ref)).toBe(3);
    // Fleets that share the model: 2 and 1, or 2 and 2.
    expect(await scaler.replicas(fresh({ share: '0.6' }))).toBe(2);
    expect(await scaler.replicas(fresh({ maxReplicas: '2' }))).toBe(2);
    await queue.warm(0);
    await expect.poll(() => scaler.isActive(ref), { timeout: 10_000 }).toEqual({ result: false });
  });

  it('counts what runs as work', async () => {
    await queue.work(2, 20);
    expect(await scaler.replicas(fresh({ coldStartSeconds: '0' }))).toBe(4);
  });

  it('keeps what it decided until nothing has asked for it for a while', async () => {
    await queue.work(1);
    await queue.submit(40, 2);
    const ref = fresh({ coldStartSeconds: '0', scaleDownSeconds: '3' });
    expect(await scaler.replicas(ref)).toBe(10);
    await queue.empty();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await scaler.replicas(ref)).toBe(10);
    await expect.poll(() => scaler.replicas(ref), { timeout: 20_000, interval: 500 }).toBe(0);
  });

  it('tells a stream when there is work, and when there is none any more', async () => {
    const stream = scaler.client.streamIsActive(fresh());
    const told: boolean[] = [];
    stream.on('data', ({ result }: { result: boolean }) => told.push(result)).on('error', () => undefined);
    await expect.poll(() => told).toEqual([false]);
    await queue.submit(1, 1);
    await expect.poll(() => told).toEqual([false, true]);
    await queue.empty();
    await expect.poll(() => told).toEqual([false, true, false]);
    stream.cancel();
  });

  it('names its metric in both of its forms, and knows no other', async () => {
    await queue.submit(1, 1);
    const ref = fresh({ latencySeconds: '12' });
    const spec = { metricName: 'compute-seconds-pocket', targetSize: 12, targetSizeFloat: 12 };
    expect(await scaler.getMetricSpec(ref)).toEqual({ metricSpecs: [spec] });
    const value = { metricName: 'compute-seconds-pocket', metricValue: 12, metricValueFloat: 12 };
    expect(await scaler.getMetrics(ref)).toEqual({ metricValues: [value] });
    await expect(scaler.getMetrics(ref, 'queue-length')).rejects.toMatchObject({ code: 5 });
  });

  it.each([
    [
      5,
      'a model that is not known',
      { model: 'absent' },
      'there is no model "absent"; MODELS of the autoscaler names pocket, pocket-turbo',
    ],
    [3, 'metadata that is wrong', { maxReplicas: 'many' }, "`maxReplicas` of the trigger's metadata is wrong"],
  ])('answers with code %i for %s, to every question', async (code, _, metadata, details) => {
    const refused = { code, details: expect.stringContaining(details) };
    const ref = fresh(metadata);
    await expect(scaler.isActive(ref)).rejects.toMatchObject(refused);
    await expect(scaler.getMetricSpec(ref)).rejects.toMatchObject(refused);
    await expect(scaler.getMetrics(ref)).rejects.toMatchObject(refused);
    const stream = scaler.client.streamIsActive(ref);
    await expect(new Promise((_resolve, reject) => stream.on('error', reject))).rejects.toMatchObject(refused);
  });

  it('answers with an error while Redis is away, so that nothing is scaled, and is right again afterwards', {
    timeout: 60_000,
  }, async () => {
    await queue.work(1);
    await queue.submit(40, 2);
    const ref = fresh({ coldStartSeconds: '0' });
    expect(await scaler.replicas(ref)).toBe(10);
    await server.stop();
    await expect.poll(() => scaler.getMetrics(ref).then(String, ({ code }) => code)).toBe(14);
    await expect(scaler.isActive(ref)).rejects.toMatchObject({ code: 14 });
    expect((await scaler.getMetricSpec(ref)).metricSpecs).toHaveLength(1);
    expect((await scaler.ready()).missing).toEqual({ redis: 'Redis is not reachable' });
    expect(await scaler.metrics()).toMatch(
      new RegExp(`darkroom_scaling_decisions_total\\{[^}]*${ref.name}[^}]*outcome="failed"[^}]*\\} [1-9]`),
    );
    await server.start();
    await expect.poll(() => scaler.replicas(ref).catch(() => -1)).toBe(10);
  });
});

describe('with Kubernetes', () => {
  let api: Awaited<ReturnType<typeof startApiServer>>;
  beforeEach(async () => {
    api = await startApiServer();
    api.set('nodes', gpuNode('n1', 4));
    await start({ KUBERNETES_API: api.address, KUBERNETES_STALE_SECONDS: '1' });
    await expect.poll(async () => (await scaler.ready()).notes).toBeUndefined();
    await queue.work(1);
  });
  afterEach(() => api.stop());

  const metadata = { podLabels: 'app=denoiser-pocket', coldStartSeconds: '0' };

  it('asks for no more than has room, and says why in a metric and a note', async () => {
    api.set('pods', gpuPod('a', { node: 'n1' }));
    api.set('pods', gpuPod('b', { node: 'n1', app: 'other' }));
    await queue.submit(40, 2);
    const ref = fresh(metadata);
    await expect.poll(() => scaler.replicas({ ...ref, name: `${ref.name}-poll-${fleets++}` })).toBe(3);
    expect(await scaler.replicas(ref)).toBe(3);
    const { ready, notes } = await scaler.ready();
    expect(ready).toBe(true);
    expect(notes?.[`fleet darkroom/${ref.name}`]).toMatch(
      /^3 of 10 \(80\.0 s of work .*\): there is no room for 7, 2 of 4 nvidia\.com\/gpu are free on 1 node$/,
    );
    const metrics = await scaler.metrics();
    const value = (name: string, labels = '') =>
      new RegExp(`${name}\\{[^}]*fleet="darkroom/${ref.name}"${labels}[^}]*\\} (\\d+)`).exec(metrics)?.[1];
    expect(value('darkroom_scaling_wanted_count')).toBe('3');
    expect(value('darkroom_scaling_withheld_count')).toBe('7');
    expect(value('darkroom_scaling_pods_count', ',state="ready"')).toBe('1');
    expect(value('darkroom_scaling_resource_count', ',resource="nvidia.com/gpu",state="free"')).toBe('2');
  });

  it("has to know which pods are the fleet's", async () => {
    await expect(scaler.getMetrics(fresh())).rejects.toMatchObject({ code: 3, details: expect.stringContaining('`podLabels`') });
  });

  it('follows the cluster: a new node is used at once', async () => {
    await queue.submit(40, 2);
    const ref = fresh(metadata);
    expect(await scaler.replicas(ref)).toBe(4);
    api.set('nodes', gpuNode('n2', 8));
    await expect.poll(() => scaler.replicas(ref), { timeout: 20_000, interval: 300 }).toBe(10);
  });

  it('keeps fleets as they are while the API is away, whatever the work asks for', { timeout: 60_000 }, async () => {
    await queue.submit(16, 2);
    const ref = fresh(metadata);
    expect(await scaler.replicas(ref)).toBe(4);
    await api.stop();
    await expect
      .poll(async () => (await scaler.ready()).notes?.kubernetes, { timeout: 20_000 })
      .toContain('fleets stay as they are');
    await queue.submit(100, 2);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await scaler.replicas(ref)).toBe(4);
    expect((await scaler.ready()).notes?.[`fleet darkroom/${ref.name}`]).toMatch(
      /^kept at 4, where 20 are asked for: the Kubernetes API/,
    );
    await queue.empty();
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await scaler.replicas(ref)).toBe(4);
    await api.start();
    await expect.poll(() => scaler.replicas(ref), { timeout: 20_000, interval: 300 }).toBe(0);
    expect(await scaler.ready()).toMatchObject({ ready: true, missing: {} });
  });

  it('knows nothing of an API that has never answered: a fleet of that moment stays as its workers are', async () => {
    await api.stop();
    await scaler.stop();
    scaler = await startAutoscaler({ REDIS_URL: server.url, KUBERNETES_API: api.address });
    await queue.submit(40, 2);
    await expect.poll(async () => (await scaler.ready()).missing).toEqual({});
    expect(await scaler.replicas(fresh(metadata))).toBe(1);
    expect(await scaler.ready()).toMatchObject({ ready: true });
    await api.start();
  });
});

describe('its configuration', () => {
  beforeEach(() => start());

  it('names the variable that is wrong', async () => {
    await expect(startAutoscaler({ KUBERNETES_API: 'cluster' })).rejects.toThrow(
      /KUBERNETES_API is wrong: expected in-cluster, none/,
    );
    await expect(startAutoscaler({ MODELS: '' })).rejects.toThrow(/MODELS/);
  });
});
