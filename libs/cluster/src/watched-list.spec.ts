/** The real client of Kubernetes, over real HTTP: against the server of specs, and, where it is in PATH, against Kubernetes' own. */
import { layWire, type Wire } from '@darkroom/testing';
import { findKubernetes, type KubernetesBinaries, startKubernetes } from '@darkroom/testing/kubernetes';
import { CoreV1Api, KubeConfig, type V1Pod, Watch } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { gpuPod, startApiServer } from './api-server.fixture.js';
import { WatchedList } from './watched-list.js';

/** An API server, and what can happen to it. */
interface Server {
  readonly port: number;
  /** How it is reached at a port of loopback. */
  connect(port: number): KubeConfig;
  /** How it is reached by somebody whom it answers with this status. */
  refused(port: number, status: 401 | 403): Promise<KubeConfig>;
  put(pod: V1Pod): Promise<void>;
  remove(pod: V1Pod): Promise<void>;
  /** Has it forget how everything came about until now. */
  forget(): Promise<void>;
  /** Changes pods in another namespace, of which a watch is told by a bookmark alone. */
  changeElsewhere(): Promise<void>;
  /** Has it end the watches that there are, in good order. */
  endWatches(): Promise<void>;
  empty(): Promise<void>;
  stop(): Promise<void>;
}

async function ownServer(form: 'event' | 'status'): Promise<Server> {
  const api = await startApiServer();
  const connect = (port: number) => {
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: 'spec', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: 'spec' });
    return config;
  };
  const pods = new Map<string, V1Pod>();
  return {
    port: Number(new URL(api.address).port),
    connect,
    refused: async (port, status) => {
      api.failWith(status);
      return connect(port);
    },
    put: async (pod) => {
      pods.set(pod.metadata?.name ?? '', pod);
      api.set('pods', pod);
    },
    remove: async (pod) => {
      pods.delete(pod.metadata?.name ?? '');
      api.delete('pods', pod);
    },
    forget: async () => api.compact(form),
    changeElsewhere: async () => api.bookmark('pods'),
    endWatches: async () => api.endWatches(),
    empty: async () => {
      api.failWith(undefined);
      for (const pod of pods.values()) api.delete('pods', pod);
      pods.clear();
    },
    stop: api.stop,
  };
}

async function realServer(binaries: KubernetesBinaries, watchCache: boolean): Promise<Server> {
  const api = await startKubernetes(binaries, { controllers: false, watchCache, watchSeconds: 3 });
  const { admin } = api;
  for (const namespace of ['darkroom', 'elsewhere']) {
    await admin.must('POST', '/api/v1/namespaces', { metadata: { name: namespace } });
    const account = { metadata: { name: 'default' }, automountServiceAccountToken: false };
    await admin.must('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, account);
  }
  const connect = (port: number, token = admin.access.token) => {
    const config = new KubeConfig();
    const caData = Buffer.from(api.authority).toString('base64');
    config.loadFromClusterAndUser(
      { name: 'spec', server: `https://127.0.0.1:${port}`, caData, skipTLSVerify: false },
      { name: 'spec', token },
    );
    return config;
  };
  const pathOf = ({ metadata }: V1Pod) => `/api/v1/namespaces/${metadata?.namespace}/pods`;
  const put = async (pod: V1Pod) => {
    const path = pathOf(pod);
    const { status } = await admin.request('POST', path, pod);
    const own = `${path}/${pod.metadata?.name}`;
    const node = pod.spec?.nodeName;
    if (status === 409 && node !== undefined) {
      await admin.must('POST', `${own}/binding`, {
        metadata: { name: pod.metadata?.name },
        target: { kind: 'Node', name: node },
      });
    }
    await admin.must('PATCH', `${own}/status`, { status: pod.status }, 'application/strategic-merge-patch+json');
  };
  const remove = async (pod: V1Pod) => {
    await admin.must('DELETE', `${pathOf(pod)}/${pod.metadata?.name}`, { gracePeriodSeconds: 0 });
  };
  return {
    port: Number(new URL(api.address).port),
    connect,
    refused: async (port, status) => {
      if (status === 401) return connect(port, 'a-token-that-nobody-has');
      const request = { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec: { expirationSeconds: 600 } };
      const answer = await admin.must('POST', '/api/v1/namespaces/darkroom/serviceaccounts/default/token', request);
      return connect(port, answer.status.token);
    },
    put,
    remove,
    forget: async () => {
      await api.compact();
      if (!watchCache) return;
      // What it has in its memory still, an API server tells.
      await api.stop();
      await api.start();
    },
    changeElsewhere: async () => {
      const pod = { ...gpuPod('elsewhere'), metadata: { name: 'elsewhere', namespace: 'elsewhere' } };
      await put(pod);
      await remove(pod);
    },
    // It ends each watch after three to six seconds.
    endWatches: () => new Promise((resolve) => setTimeout(resolve, 6_000)),
    empty: async () => {
      const { items } = await admin.must('GET', '/api/v1/pods');
      for (const pod of items) await remove(pod);
    },
    stop: api.dispose,
  };
}

const binaries = await findKubernetes();
const servers: [string, (() => Promise<Server>) | undefined][] = [
  ['the server of specs, which tells of 410 Gone in an event', () => ownServer('event')],
  ['the server of specs, which answers with 410 Gone', () => ownServer('status')],
  ['kube-apiserver', binaries && (() => realServer(binaries, true))],
  ['kube-apiserver without a memory of its own', binaries && (() => realServer(binaries, false))],
];

describe.each(servers)('%s', (name, start) => {
  describe.skipIf(start === undefined)(start === undefined ? 'is not in PATH' : 'and a watched list', { timeout: 60_000 }, () => {
    let server: Server;
    let wire: Wire;
    let stop: AbortController;
    let news: (string | undefined)[];
    let lists: number;
    /** Versions from which it was watched. */
    let watched: string[];
    beforeAll(async () => {
      server = await (start as () => Promise<Server>)();
    }, 120_000);
    afterAll(() => server?.stop());
    beforeEach(async () => {
      await server.empty();
      wire = await layWire(server.port);
      [stop, news, lists, watched] = [new AbortController(), [], 0, []];
    });
    afterEach(async () => {
      stop.abort();
      await wire.cut();
    });

    /** Watches the pods of a namespace that have not failed. */
    function watchPods({ config = server.connect(wire.port), listTimeoutMs = 10_000 } = {}) {
      const fieldSelector = 'status.phase!=Failed';
      const core = config.makeApiClient(CoreV1Api);
      const watch = new Watch(config);
      const list = new WatchedList<V1Pod, string>({
        watch: {
          watch: async (...args: Parameters<Watch['watch']>) => {
            const connection = await watch.watch(...args);
            watched.push(String(args[1]['resourceVersion']));
            return connection;
          },
        } as Watch,
        path: '/api/v1/namespaces/darkroom/pods',
        fieldSelector,
        list: () => {
          lists += 1;
          return core.listNamespacedPod({ namespace: 'darkroom', fieldSelector });
        },
        keep: ({ metadata, spec }) => `${metadata?.name}@${spec?.nodeName ?? ''}`,
        listTimeoutMs,
        retryMs: [10, 50],
        onChange: (reason) => news.push(reason),
      });
      void list.run(stop.signal);
      return list;
    }

    /** Until the copy has what the server has, and follows it. */
    const settled = async (list: ReturnType<typeof watchPods>, wanted: readonly string[]) => {
      await expect.poll(() => [...list.items].sort(), { timeout: 20_000 }).toEqual(wanted);
      await expect.poll(() => watched.length, { timeout: 20_000 }).toBeGreaterThan(0);
    };

    it('is what is listed, and then what is told of changes', async () => {
      await server.put(gpuPod('a'));
      const list = watchPods();
      expect(list.missing(1_000)).toBe('not listed yet');
      await settled(list, ['a@']);
      expect(list.missing(0)).toBeUndefined();
      await server.put(gpuPod('b', { node: 'n1' }));
      await server.put(gpuPod('a', { node: 'n2' }));
      await settled(list, ['a@n2', 'b@n1']);
      await server.remove(gpuPod('b'));
      await settled(list, ['a@n2']);
      expect(lists).toBe(1);
    });

    it('loses what its selector leaves out any more', async () => {
      await server.put(gpuPod('a'));
      await server.put(gpuPod('b'));
      const list = watchPods();
      await settled(list, ['a@', 'b@']);
      await server.put({ ...gpuPod('a'), status: { phase: 'Failed' } });
      await settled(list, ['b@']);
      expect(lists).toBe(1);
    });

    it('goes on where a watch ended, without listing again', async () => {
      await server.put(gpuPod('a'));
      const list = watchPods();
      await settled(list, ['a@']);
      await server.endWatches();
      await expect.poll(() => watched.length, { timeout: 20_000 }).toBeGreaterThan(1);
      await server.put(gpuPod('b'));
      await settled(list, ['a@', 'b@']);
      expect(lists).toBe(1);
      expect(news).toEqual([]);
    });

    it('lists anew when its version is gone', async () => {
      await server.put(gpuPod('a'));
      const list = watchPods();
      await settled(list, ['a@']);
      await wire.cut();
      await server.put(gpuPod('b'));
      await server.remove(gpuPod('a'));
      await server.forget();
      await wire.mend();
      await settled(list, ['b@']);
      expect(lists).toBe(2);
      await expect.poll(() => list.missing(0)).toBeUndefined();
    });

    // Without its memory, Kubernetes' server sends no bookmarks.
    it.skipIf(name.includes('without'))('takes its version from a bookmark, though nothing of its own has changed', async () => {
      await server.put(gpuPod('a'));
      const list = watchPods();
      await settled(list, ['a@']);
      await server.changeElsewhere();
      await server.endWatches();
      const [first] = watched;
      await expect.poll(() => Number(watched.at(-1)), { timeout: 20_000 }).toBeGreaterThan(Number(first));
      expect(lists).toBe(1);
    });

    it('goes on after its connection was broken off, and says that it was lost and found', async () => {
      await server.put(gpuPod('a'));
      const list = watchPods();
      await settled(list, ['a@']);
      wire.drop();
      await server.put(gpuPod('b'));
      await settled(list, ['a@', 'b@']);
      expect(lists).toBe(1);
      expect(news).toEqual([expect.any(String), undefined]);
    });

    it('keeps what it saw while the server is away, and says so once that is too old', async () => {
      await server.put(gpuPod('a'));
      const list = watchPods();
      await settled(list, ['a@']);
      await wire.cut();
      await expect.poll(() => list.missing(0)).toMatch(/ECONNREFUSED|closed|terminated|socket/);
      expect(list.missing(60_000)).toBeUndefined();
      expect([...list.items]).toEqual(['a@']);
      await wire.mend();
      await expect.poll(() => list.missing(0), { timeout: 20_000 }).toBeUndefined();
      expect(news).toEqual([expect.any(String), undefined]);
    });

    it.each([401, 403] as const)('says that it is answered %d, and knows nothing then', async (status) => {
      await server.put(gpuPod('a'));
      const list = watchPods({ config: await server.refused(wire.port, status) });
      await expect.poll(() => list.missing(60_000), { timeout: 20_000 }).toBe(`it answers ${status}`);
      expect([...list.items]).toEqual([]);
    });

    it('stops when it is told to', async () => {
      await settled(watchPods(), []);
      stop.abort();
      const before = watched.length;
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(watched.length).toBe(before);
    });
  });
});

describe('a watched list', () => {
  it('knows nothing of a server that is too slow, and of one that refused it until it does not', async () => {
    const api = await startApiServer();
    const config = new KubeConfig();
    config.loadFromClusterAndUser({ name: 'spec', server: api.address, skipTLSVerify: true }, { name: 'spec' });
    const stop = new AbortController();
    const list = new WatchedList<V1Pod, string>({
      watch: new Watch(config),
      path: '/api/v1/pods',
      list: () => config.makeApiClient(CoreV1Api).listPodForAllNamespaces(),
      keep: ({ metadata }) => metadata?.name ?? '',
      listTimeoutMs: 100,
      retryMs: [10, 50],
      onChange: () => undefined,
    });
    api.answerAfter(500);
    void list.run(stop.signal);
    await expect.poll(() => list.missing(60_000)).toBe('no answer within 0.1 s');
    api.answerAfter(0);
    await expect.poll(() => list.missing(0), { timeout: 20_000 }).toBeUndefined();
    stop.abort();
    await api.stop();
  });
});
