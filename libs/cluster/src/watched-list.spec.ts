/** The real client of Kubernetes, over real HTTP. */
import { CoreV1Api, KubeConfig, type V1Pod, Watch } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gpuPod, startApiServer } from './api-server.fixture.js';
import { WatchedList } from './watched-list.js';

let api: Awaited<ReturnType<typeof startApiServer>>;
let stop: AbortController;
let news: (string | undefined)[];
beforeEach(async () => {
  api = await startApiServer();
  stop = new AbortController();
  news = [];
});
afterEach(async () => {
  stop.abort();
  await api.stop();
});

function watchPods({ listTimeoutMs = 2_000 } = {}) {
  const config = new KubeConfig();
  config.loadFromClusterAndUser({ name: 'spec', server: api.address, skipTLSVerify: true }, { name: 'spec' });
  const core = config.makeApiClient(CoreV1Api);
  const list = new WatchedList<V1Pod, string>({
    watch: new Watch(config),
    path: '/api/v1/pods',
    fieldSelector: 'status.phase!=Failed',
    list: () => core.listPodForAllNamespaces(),
    keep: ({ metadata, spec }) => `${metadata?.name}@${spec?.nodeName ?? ''}`,
    listTimeoutMs,
    retryMs: [10, 50],
    onChange: (reason) => news.push(reason),
  });
  void list.run(stop.signal);
  return list;
}

const names = (list: ReturnType<typeof watchPods>) => [...list.items].sort();
/** Until the copy has what the server has, and follows it. */
const settled = async (list: ReturnType<typeof watchPods>, wanted: readonly string[]) => {
  await expect.poll(() => names(list), { timeout: 5_000 }).toEqual(wanted);
  await expect.poll(() => api.watching(), { timeout: 5_000 }).toBe(1);
};

describe('a watched list', () => {
  it('is what is listed, and then what is told of changes', async () => {
    api.set('pods', gpuPod('a'));
    const list = watchPods();
    expect(list.missing(1_000)).toBe('not listed yet');
    await settled(list, ['a@']);
    expect(list.missing(0)).toBeUndefined();
    api.set('pods', gpuPod('b', { node: 'n1' }));
    api.set('pods', gpuPod('a', { node: 'n2' }));
    await settled(list, ['a@n2', 'b@n1']);
    api.delete('pods', gpuPod('b'));
    await settled(list, ['a@n2']);
    expect(api.lists('pods')).toBe(1);
    expect(api.requests.at(-1)).toContain('fieldSelector=status.phase%21%3DFailed');
  });

  it('goes on where a watch ended, without listing again', async () => {
    api.set('pods', gpuPod('a'));
    const list = watchPods();
    await settled(list, ['a@']);
    api.endWatches();
    api.set('pods', gpuPod('b'));
    await settled(list, ['a@', 'b@']);
    expect(api.lists('pods')).toBe(1);
    expect(news).toEqual([]);
  });

  it.each(['event', 'status'] as const)('lists anew when its version is gone, which it is told by an %s', async (form) => {
    api.set('pods', gpuPod('a'));
    const list = watchPods();
    await settled(list, ['a@']);
    await api.stop();
    api.set('pods', gpuPod('b'));
    api.delete('pods', gpuPod('a'));
    api.compact(form);
    await api.start();
    await settled(list, ['b@']);
    expect(api.lists('pods')).toBe(2);
  });

  it('needs no new list after a bookmark, though all before it is gone', async () => {
    api.set('pods', gpuPod('a'));
    const list = watchPods();
    await settled(list, ['a@']);
    api.bookmark('pods');
    await new Promise((resolve) => setTimeout(resolve, 100));
    api.compact('event');
    api.endWatches();
    api.set('pods', gpuPod('b'));
    await settled(list, ['a@', 'b@']);
    expect(api.lists('pods')).toBe(1);
  });

  it('goes on after its connection was broken off, and says that it was lost and found', async () => {
    api.set('pods', gpuPod('a'));
    const list = watchPods();
    await settled(list, ['a@']);
    api.drop();
    api.set('pods', gpuPod('b'));
    await settled(list, ['a@', 'b@']);
    expect(api.lists('pods')).toBe(1);
    expect(news).toEqual([expect.any(String), undefined]);
  });

  it('keeps what it saw while the server is away, and says so once that is too old', async () => {
    api.set('pods', gpuPod('a'));
    const list = watchPods();
    await settled(list, ['a@']);
    await api.stop();
    await expect.poll(() => list.missing(0)).toMatch(/ECONNREFUSED|closed|terminated|socket/);
    expect(list.missing(60_000)).toBeUndefined();
    expect(names(list)).toEqual(['a@']);
    await api.start();
    await expect.poll(() => list.missing(0), { timeout: 5_000 }).toBeUndefined();
    expect(news).toEqual([expect.any(String), undefined]);
  });

  it('knows nothing of a server that has never answered, is too slow, or refuses it', async () => {
    api.answerAfter(500);
    const list = watchPods({ listTimeoutMs: 50 });
    await expect.poll(() => list.missing(60_000)).toBe('no answer within 0.05 s');
    api.answerAfter(0);
    api.failWith(403);
    const refused = watchPods();
    await expect.poll(() => refused.missing(60_000)).toBe('it answers 403');
    api.failWith(undefined);
    await expect.poll(() => refused.missing(0), { timeout: 5_000 }).toBeUndefined();
  });

  it('stops when it is told to', async () => {
    await settled(watchPods(), []);
    stop.abort();
    await expect.poll(() => api.watching()).toBe(0);
    const asked = api.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(api.requests.length).toBe(asked);
  });
});
