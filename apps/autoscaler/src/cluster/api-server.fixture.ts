/**
 * A Kubernetes API server for specs, over real HTTP: lists and watches of nodes and pods as the API's conventions describe them
 * (resource versions, bookmarks, 410 Gone in both its forms), which can be dropped, slowed down and stopped.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { V1Node, V1Pod } from '@kubernetes/client-node';

type Kind = 'nodes' | 'pods';
type Stored = V1Node | V1Pod;
interface Change {
  readonly kind: Kind;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly object: Stored;
}

/** Starts the server on a free port. */
export async function startApiServer() {
  const objects: Record<Kind, Map<string, Stored>> = { nodes: new Map(), pods: new Map() };
  const changes: Change[] = [];
  const watches = new Set<{ readonly kind: Kind; readonly response: ServerResponse }>();
  const requests: string[] = [];
  let version = 1;
  /** Versions before this are forgotten. */
  let oldest = 1;
  let delayMs = 0;
  let failWith: number | undefined;
  let gone: 'status' | 'event' = 'event';

  const status = (code: number, message: string) => ({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message });
  const send = (response: ServerResponse, code: number, body: object) =>
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;

  const watch = (kind: Kind, from: number, response: ServerResponse) => {
    const expired = status(410, `too old resource version: ${from} (${oldest})`);
    if (from < oldest && gone === 'status') return send(response, 410, expired);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (from < oldest) return response.end(line('ERROR', expired));
    for (const change of changes) {
      if (change.kind === kind && change.version > from) response.write(line(change.type, change.object));
    }
    const entry = { kind, response };
    watches.add(entry);
    response.on('close', () => watches.delete(entry));
    return response;
  };

  const handle = ({ url = '' }: IncomingMessage, response: ServerResponse) => {
    requests.push(url);
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const kind = /^\/api\/v1\/(nodes|pods)$/.exec(pathname)?.[1] as Kind | undefined;
    if (kind === undefined) return send(response, 404, status(404, 'no such path'));
    if (failWith !== undefined) return send(response, failWith, status(failWith, 'as this spec wants it'));
    if (searchParams.get('watch') === 'true') return watch(kind, Number(searchParams.get('resourceVersion')), response);
    const list = {
      kind: kind === 'nodes' ? 'NodeList' : 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: `${version}` },
    };
    return send(response, 200, { ...list, items: [...objects[kind].values()] });
  };
  const server = createServer((request, response) => {
    if (delayMs === 0) handle(request, response);
    else setTimeout(() => handle(request, response), delayMs).unref();
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;

  const change = (kind: Kind, type: Change['type'], given: Stored, tell: boolean) => {
    version += 1;
    const object = { ...given, metadata: { ...given.metadata, resourceVersion: `${version}` } } as Stored;
    const key = `${object.metadata?.namespace ?? ''}/${object.metadata?.name}`;
    if (type === 'DELETED') objects[kind].delete(key);
    else objects[kind].set(key, object);
    changes.push({ kind, type, version, object });
    for (const one of watches) if (tell && one.kind === kind) one.response.write(line(type, object));
  };

  return {
    address: `http://127.0.0.1:${port}`,
    /** Paths that were asked for, with their queries. */
    requests,
    lists: (kind: Kind) => requests.filter((url) => url.startsWith(`/api/v1/${kind}`) && !url.includes('watch=true')).length,
    watching: () => watches.size,
    set: (kind: Kind, object: Stored) =>
      change(
        kind,
        objects[kind].has(`${object.metadata?.namespace ?? ''}/${object.metadata?.name}`) ? 'MODIFIED' : 'ADDED',
        object,
        true,
      ),
    delete: (kind: Kind, object: Stored) => change(kind, 'DELETED', object, true),
    /** Tells those who watch of a new version at which nothing has changed. */
    bookmark: (kind: Kind) => {
      version += 1;
      const object = { kind: kind === 'nodes' ? 'Node' : 'Pod', apiVersion: 'v1', metadata: { resourceVersion: `${version}` } };
      for (const one of watches) if (one.kind === kind) one.response.write(line('BOOKMARK', object));
    },
    /** Changes something while nobody is told, and forgets how it came about: whoever watched before has to list anew. */
    compact: (form: typeof gone) => {
      gone = form;
      oldest = version;
      changes.length = 0;
    },
    /** Ends all watches, as a server does every few minutes. */
    endWatches: () => {
      for (const { response } of watches) response.end();
      watches.clear();
    },
    /** Breaks all connections off. */
    drop: () => server.closeAllConnections(),
    answerAfter: (ms: number) => {
      delayMs = ms;
    },
    failWith: (code: number | undefined) => {
      failWith = code;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    start: () => listen(port),
  };
}

/** A node with so many GPUs, as a list of the API has it. */
export function gpuNode(
  name: string,
  gpus: number,
  overrides: { labels?: Record<string, string>; cordoned?: boolean; ready?: boolean } = {},
): V1Node {
  const { labels = {}, cordoned = false, ready = true } = overrides;
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'nvidia.com/gpu.product': 'NVIDIA-H200', ...labels } },
    spec: cordoned ? { unschedulable: true } : {},
    status: {
      allocatable: { cpu: '15890m', memory: '129Gi', 'nvidia.com/gpu': `${gpus}`, pods: '110' },
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] as never,
    },
  };
}

/** A pod of a fleet that takes a GPU, as a list of the API has it. */
export function gpuPod(
  name: string,
  overrides: { node?: string; ready?: boolean; gpus?: number; app?: string; ending?: boolean } = {},
): V1Pod {
  const { node, ready = node !== undefined, gpus = 1, app = 'denoiser-pocket', ending = false } = overrides;
  return {
    metadata: {
      name,
      namespace: 'darkroom',
      labels: { app },
      ...(ending ? { deletionTimestamp: '2026-11-29T12:00:00Z' as never } : {}),
    },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      containers: [{ name: 'denoiser', resources: { requests: { cpu: '2', 'nvidia.com/gpu': `${gpus}` } } }],
    },
    status: {
      phase: node === undefined ? 'Pending' : 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] as never,
    },
  };
}
