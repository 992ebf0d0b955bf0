/** The control plane and the autoscaler as the chart's service accounts, in a cluster of Kubernetes' own programs, through `kubectl proxy`. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type RedisServer, startRedisServer, type TemporaryFolder, temporaryFolder } from '@darkroom/testing';
import { findKubernetes, type KubernetesBinaries, KubernetesClient } from '@darkroom/testing/kubernetes';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { workspaceRoot } from '../workspace.js';
import { type ChartCluster, startChartCluster } from './chart-cluster.js';
import { type KubectlProxy, startKubectlProxy } from './kubectl-proxy.js';

// A tool may not import an app, so its fixture is loaded by its path.
// biome-ignore lint/suspicious/noExplicitAny: what it exports has no types here.
const load = async (file: string): Promise<any> =>
  await import(/* @vite-ignore */ pathToFileURL(path.join(workspaceRoot, file)).href);

const binaries = await findKubernetes();

describe.skipIf(binaries === undefined)(
  `in a real cluster ${binaries ? '' : '(kube-apiserver is not in PATH)'}`,
  { timeout: 60_000 },
  () => {
    let cluster: ChartCluster;
    let folder: TemporaryFolder;
    const proxies: KubectlProxy[] = [];
    const proxyOf = async (account: string) => {
      const proxy = await startKubectlProxy(await cluster.access(account), folder.path);
      proxies.push(proxy);
      return proxy.address;
    };
    const scaledObjects = '/apis/keda.sh/v1alpha1/namespaces/pictures/scaledobjects';
    const deployments = '/apis/apps/v1/namespaces/pictures/deployments';

    beforeAll(async () => {
      [cluster, folder] = await Promise.all([startChartCluster(binaries as KubernetesBinaries), temporaryFolder()]);
    }, 180_000);
    afterAll(async () => {
      for (const proxy of proxies) await proxy.stop();
      await cluster?.dispose();
      await folder?.remove();
    });

    describe('the control plane', () => {
      // biome-ignore lint/suspicious/noExplicitAny: see above.
      let [service, client]: any[] = [];
      beforeAll(async () => {
        const { Client, readiness, startControlPlane } = await load('apps/control-plane/src/control-plane.fixture.ts');
        service = await startControlPlane({
          DARKROOM_STATE_DIR: folder.path,
          KUBERNETES_API: await proxyOf('darkroom-control-plane'),
          KUBERNETES_NAMESPACE: 'pictures',
        });
        client = new Client(service);
        await vi.waitFor(async () => expect(await readiness(service)).toBe(200), { timeout: 90_000, interval: 200 });
        await vi.waitFor(async () => expect((await shown()).available).toBe(true), { timeout: 60_000, interval: 200 });
      }, 120_000);
      afterAll(async () => {
        client?.connection.close();
        await service?.stop();
      });
      const shown = async () => (await client.admin('GET', 'cluster')).body;
      const done = async (what: string, body?: object) => {
        const answer = await client.admin('POST', `cluster/fleets/darkroom-denoiser-${what}`, body);
        expect(answer.status, JSON.stringify(answer.body)).toBe(202);
      };
      const fleet = async (name: string) =>
        (await shown()).fleets.find((one: { name: string }) => one.name === `darkroom-denoiser-${name}`);

      it('shows pods where the scheduler put them, and its own words for those that wait', async () => {
        await expect.poll(async () => (await fleet('large-h200')).ready, { timeout: 60_000 }).toBe(4);
        const { wanted, pods } = await fleet('large-h200');
        expect(wanted).toBe(6);
        const running = pods.filter(({ is_ready }: { is_ready: boolean }) => is_ready);
        expect(running).toMatchObject(Array(4).fill({ node: 'h200-1', phase: 'Running', why: null, restarts: 0 }));
        const waiting = pods.filter(({ node }: { node: string | null }) => node === null);
        expect(waiting).toMatchObject(
          Array(2).fill({ phase: 'Pending', why: expect.stringMatching(/1 Insufficient nvidia\.com\/gpu/) }),
        );
        const [spot] = (await fleet('large-spot')).pods;
        expect(spot.why).toMatch(/^0\/4 nodes are available: .*didn't match/);
        expect((await fleet('fast-mig')).pods).toMatchObject([{ node: 'mig-1', is_ready: true }]);
        expect((await fleet('trained-cpu')).pods[0].why).toContain('persistentvolumeclaim "weights" not found');
      });

      it('shows what nodes have and what is free of it', async () => {
        const nodes = new Map((await shown()).nodes.map((node: { name: string }) => [node.name, node]));
        expect(nodes.get('h200-1')).toMatchObject({ gpu: 'NVIDIA-H200', is_open: true });
        expect(nodes.get('h200-1')).toHaveProperty(
          'resources',
          expect.arrayContaining([{ name: 'nvidia.com/gpu', allocatable: 4, free: 0 }]),
        );
        expect(nodes.get('h200-2')).toMatchObject({ is_open: false });
        expect(nodes.get('mig-1')).toHaveProperty(
          'resources',
          expect.arrayContaining([{ name: 'nvidia.com/mig-1g.10gb', allocatable: 7, free: 6 }]),
        );
      });

      it('holds a fleet that KEDA scales by its annotation, keeps all else of the object, and lets it go again', async () => {
        const { admin } = cluster.api;
        const object = `${scaledObjects}/darkroom-denoiser-large-h200`;
        // As KEDA does: the status is a part of its own.
        const status = {
          conditions: [
            { type: 'Ready', status: 'True' },
            { type: 'Active', status: 'False' },
          ],
        };
        await admin.must('PATCH', `${object}/status`, { status }, 'application/merge-patch+json');
        await expect
          .poll(async () => (await fleet('large-h200')).scaled_object, { timeout: 10_000 })
          .toMatchObject({ is_ready: true });
        const before = await admin.must('GET', object);
        await done('large-h200/scale', { replicas: 2 });
        await expect.poll(async () => (await fleet('large-h200')).scaled_object.paused_at, { timeout: 10_000 }).toBe(2);
        const held = await admin.must('GET', object);
        expect(held.metadata.annotations).toMatchObject({ 'autoscaling.keda.sh/paused-replicas': '2' });
        expect({ spec: held.spec, status: held.status, labels: held.metadata.labels }).toEqual({
          spec: before.spec,
          status: before.status,
          labels: before.metadata.labels,
        });
        await done('large-h200/resume');
        await expect.poll(async () => (await fleet('large-h200')).scaled_object.paused_at, { timeout: 10_000 }).toBeNull();
      });

      it('scales a fleet that KEDA does not, and its pods come and go', async () => {
        await cluster.api.admin.must('DELETE', `${scaledObjects}/darkroom-denoiser-fast-mig`);
        await expect.poll(async () => (await fleet('fast-mig')).scaled_object, { timeout: 10_000 }).toBeNull();
        for (const replicas of [3, 0]) {
          await done('fast-mig/scale', { replicas });
          await expect.poll(async () => (await fleet('fast-mig')).ready, { timeout: 30_000 }).toBe(replicas);
          await expect.poll(async () => (await fleet('fast-mig')).pods.length, { timeout: 30_000 }).toBe(replicas);
        }
      });
    });

    describe('the autoscaler', () => {
      let redis: RedisServer;
      // biome-ignore lint/suspicious/noExplicitAny: see above.
      let [scaler, queue]: any[] = [];
      beforeAll(async () => {
        const { startAutoscaler, useQueue } = await load('apps/autoscaler/src/scaling/autoscaler.fixture.ts');
        redis = await startRedisServer();
        queue = await useQueue(redis.url);
        scaler = await startAutoscaler({
          REDIS_URL: redis.url,
          MODELS: 'pocket,large',
          KUBERNETES_API: await proxyOf('darkroom-autoscaler'),
        });
        await vi.waitFor(async () => expect((await scaler.ready()).missing).toEqual({}), { timeout: 60_000, interval: 200 });
      }, 120_000);
      afterAll(async () => {
        await scaler?.stop();
        await queue?.close();
        await redis?.dispose();
      });

      it('asks for what has room beside pods that wait, by the trigger that the chart made', async () => {
        await cluster.scale('darkroom-denoiser-large-h200', 1);
        const { spec } = await cluster.api.admin.must('GET', `${scaledObjects}/darkroom-denoiser-large-h200`);
        const metadata = {
          ...spec.triggers[0].metadata,
          model: 'pocket',
          coldStartSeconds: '0',
          podsMayWait: '0',
          scaleDownSeconds: '0',
        };
        await queue.work(1);
        await queue.submit(1_000, 2);
        let asked = 0;
        const ask = () => scaler.replicas({ name: `fleet-${asked++}`, namespace: 'pictures', scalerMetadata: metadata });
        // Of four GPUs that are open one is taken: three more than the one that runs.
        await expect.poll(ask, { timeout: 30_000, interval: 500 }).toBe(4);
        // Two pods that wait for what nobody has but these nodes will have it first.
        await cluster.scale('darkroom-denoiser-large-h200', 6);
        await expect
          .poll(
            async () => (await cluster.api.admin.must('GET', `${deployments}/darkroom-denoiser-large-h200`)).status.readyReplicas,
            { timeout: 30_000 },
          )
          .toBe(4);
        await expect
          .poll(async () => JSON.stringify((await scaler.ready()).notes ?? {}) + (await ask()), {
            timeout: 30_000,
            interval: 500,
          })
          .toContain('0 of 4 nvidia.com/gpu are free on 1 node, and 2 pods wait for some');
      });
    });

    // Where a pod finds them, files can be laid in a file system of one's own; only root may have one.
    it.skipIf(process.getuid?.() !== 0)("a pod's own token and authority lead to the API", async () => {
      const { address, authority, token } = await cluster.access('darkroom-autoscaler');
      await writeFile(path.join(folder.path, 'ca.crt'), authority);
      await writeFile(path.join(folder.path, 'token'), token);
      const account = '/run/secrets/kubernetes.io/serviceaccount';
      const lay = `mount -t tmpfs none /run && mkdir -p ${account} && cp "$0"/ca.crt "$0"/token ${account} && exec "$@"`;
      const built = pathToFileURL(path.join(workspaceRoot, 'libs/cluster/dist/index.js')).href;
      const code = `import { connectCluster, CoreV1Api } from '${built}';
        const { items } = await connectCluster('in-cluster').makeApiClient(CoreV1Api).listNode();
        console.log(items.map(({ metadata }) => metadata.name).join());`;
      const { hostname, port } = new URL(address);
      const { stdout } = await promisify(execFile)(
        'unshare',
        ['--mount', 'sh', '-c', lay, folder.path, process.execPath, '--input-type=module', '--eval', code],
        { env: { ...process.env, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port } },
      );
      expect(stdout.trim()).toBe('cpu-1,h200-1,h200-2,mig-1');
    });

    describe('rights', () => {
      const answers = async (account: string, requests: readonly (readonly [string, string, object?])[]) => {
        const user = new KubernetesClient(await cluster.access(account));
        const found: number[] = [];
        for (const [method, where, body] of requests) found.push((await user.request(method, where, body)).status);
        user.close();
        return found;
      };
      const forbidden = [
        ['GET', '/api/v1/namespaces/pictures/secrets'],
        ['GET', '/api/v1/secrets'],
        ['POST', '/api/v1/namespaces/pictures/pods', {}],
        ['DELETE', '/api/v1/nodes/cpu-1'],
        ['GET', '/apis/apps/v1/deployments'],
        ['GET', '/apis/apps/v1/namespaces/default/deployments'],
        ['PUT', `${deployments}/darkroom-gateway`, {}],
        ['DELETE', `${scaledObjects}/darkroom-denoiser-large-h200`],
        ['PUT', `${scaledObjects}/darkroom-denoiser-large-h200/status`, {}],
        ['GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles'],
        ['POST', '/api/v1/namespaces/pictures/serviceaccounts/darkroom-gateway/token', {}],
      ] as const;

      it.each(['darkroom-control-plane', 'darkroom-autoscaler', 'darkroom-gateway'])(
        'of %s go no further than they must',
        async (account) => {
          expect(await answers(account, forbidden)).toEqual(forbidden.map(() => 403));
        },
      );

      it('let the autoscaler look at nodes and pods, and at nothing else', async () => {
        const looks = ['/api/v1/nodes', '/api/v1/pods', '/api/v1/pods?watch=true&timeoutSeconds=1', deployments, scaledObjects];
        expect(
          await answers(
            'darkroom-autoscaler',
            looks.map((where) => ['GET', where]),
          ),
        ).toEqual([200, 200, 200, 403, 403]);
      });

      it('are none for a token that nobody gave', async () => {
        const stranger = new KubernetesClient({ ...cluster.api.admin.access, token: 'made-up' });
        expect((await stranger.request('GET', '/api/v1/nodes')).status).toBe(401);
        stranger.close();
      });
    });
  },
);
