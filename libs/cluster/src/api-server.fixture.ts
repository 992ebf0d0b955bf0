/**
 * A Kubernetes API server for specs, over real HTTP: lists and watches of nodes, pods, deployments and KEDA's objects as the API's
 * conventions describe them (resource versions, bookmarks, 410 Gone in both its forms, replacing with a version), which can be dropped, slowed
 * down and stopped.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { V1Deployment, V1Node, V1Pod } from '@kubernetes/client-node';
import type { ScaledObject } from './objects.js';

type Kind = 'nodes' | 'pods' | 'deployments' | 'scaledobjects';
type Stored = V1Node | V1Pod | V1Deployment | ScaledObject;

/** Where each kind is; the part in brackets is the kind. */
const listPath =
  /^\/(?:api\/v1(?:\/namespaces\/darkroom)?|apis\/apps\/v1\/namespaces\/darkroom|apis\/keda\.sh\/v1alpha1\/namespaces\/darkroom)\/(nodes|pods|deployments|scaledobjects)(?:\/([^/]+)(\/scale)?)?$/;
interface Change {
  readonly kind: Kind;
  readonly version: number;
  readonly object: Stored;
  readonly before: Stored | undefined;
  readonly isDeleted: boolean;
}

/** Tells whether a selector takes an object in; of fields, those of pods that leave phases out are known here. */
type Selector = (object: Stored) => boolean;
const selectorOf = (text: string | null): Selector => {
  const left = (text ?? '').split(',');
  return (object) => !left.includes(`status.phase!=${(object as V1Pod).status?.phase}`);
};

/** Starts the server on a free port. */
export async function startApiServer() {
  const objects: Record<Kind, Map<string, Stored>> = {
    nodes: new Map(),
    pods: new Map(),
    deployments: new Map(),
    scaledobjects: new Map(),
  };
  let hasKeda = true;
  const changes: Change[] = [];
  const watches = new Set<{ readonly kind: Kind; readonly selects: Selector; readonly response: ServerResponse }>();
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

  /** Writes what a change is to whoever sees a part of the objects: what its selector leaves out any more is deleted for it. */
  const tell = ({ object, before, isDeleted }: Change, selects: Selector, response: ServerResponse) => {
    const wasSeen = before !== undefined && selects(before);
    if (!isDeleted && selects(object)) response.write(line(wasSeen ? 'MODIFIED' : 'ADDED', object));
    else if (wasSeen) response.write(line('DELETED', object));
  };

  const watch = (kind: Kind, from: number, selects: Selector, response: ServerResponse) => {
    const expired = status(410, `too old resource version: ${from} (${oldest})`);
    if (from < oldest && gone === 'status') return send(response, 410, expired);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    if (from < oldest) return response.end(line('ERROR', expired));
    for (const change of changes) {
      if (change.kind === kind && change.version > from) tell(change, selects, response);
    }
    const entry = { kind, selects, response };
    watches.add(entry);
    response.on('close', () => watches.delete(entry));
    return response;
  };

  /** Answers for one object, or its scale; what is replaced must be what was read. */
  const single = async (kind: Kind, name: string, isScale: boolean, request: IncomingMessage, response: ServerResponse) => {
    const found = [...objects[kind].values()].find(({ metadata }) => metadata?.name === name) as V1Deployment | undefined;
    if (found === undefined) return send(response, 404, status(404, 'not found'));
    const scale = {
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: found.metadata,
      spec: { replicas: found.spec?.replicas ?? 1 },
    };
    if (request.method === 'GET') return send(response, 200, isScale ? scale : found);
    let text = '';
    for await (const chunk of request) text += chunk;
    const given = JSON.parse(text) as V1Deployment;
    if (given.metadata?.resourceVersion !== found.metadata?.resourceVersion)
      return send(response, 409, status(409, 'it has changed'));
    const replaced = isScale ? { ...found, spec: { ...found.spec, replicas: given.spec?.replicas } } : given;
    change(kind, replaced as Stored);
    return send(response, 200, given);
  };

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const { url = '', method = '' } = request;
    requests.push(url);
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const [, kind, name, scale] = listPath.exec(pathname) ?? [];
    if (kind === undefined || (kind === 'scaledobjects' && !hasKeda)) return send(response, 404, status(404, 'no such path'));
    if (failWith !== undefined) return send(response, failWith, status(failWith, 'as this spec wants it'));
    if (name !== undefined) return single(kind as Kind, name, scale !== undefined, request, response);
    if (method !== 'GET') return send(response, 405, status(405, 'not here'));
    const selects = selectorOf(searchParams.get('fieldSelector'));
    if (searchParams.get('watch') === 'true') {
      return watch(kind as Kind, Number(searchParams.get('resourceVersion')), selects, response);
    }
    const list = {
      kind: { nodes: 'NodeList', pods: 'PodList', deployments: 'DeploymentList', scaledobjects: 'ScaledObjectList' }[
        kind as Kind
      ],
      apiVersion: { deployments: 'apps/v1', scaledobjects: 'keda.sh/v1alpha1' }[kind] ?? 'v1',
      metadata: { resourceVersion: `${version}` },
    };
    return send(response, 200, { ...list, items: [...objects[kind as Kind].values()].filter(selects) });
  };
  const server = createServer((request, response) => {
    if (delayMs === 0) void handle(request, response);
    else setTimeout(() => void handle(request, response), delayMs).unref();
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;

  const keyOf = ({ metadata }: Stored) => `${metadata?.namespace ?? ''}/${metadata?.name}`;
  const change = (kind: Kind, given: Stored, isDeleted = false) => {
    version += 1;
    const object = { ...given, metadata: { ...given.metadata, resourceVersion: `${version}` } } as Stored;
    const before = objects[kind].get(keyOf(object));
    if (isDeleted) objects[kind].delete(keyOf(object));
    else objects[kind].set(keyOf(object), object);
    const made = { kind, version, object, before, isDeleted };
    changes.push(made);
    for (const one of watches) if (one.kind === kind) tell(made, one.selects, one.response);
  };

  return {
    address: `http://127.0.0.1:${port}`,
    /** Paths that were asked for, with their queries. */
    requests,
    lists: (kind: Kind) => requests.filter((url) => url.startsWith(`/api/v1/${kind}`) && !url.includes('watch=true')).length,
    watching: () => watches.size,
    set: (kind: Kind, object: Stored) => change(kind, object),
    delete: (kind: Kind, object: Stored) => change(kind, object, true),
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
    removeKeda: () => {
      hasKeda = false;
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
  const devices = { 'nvidia.com/gpu': `${gpus}` };
  return {
    metadata: {
      name,
      namespace: 'darkroom',
      labels: { app },
      ...(ending ? { deletionTimestamp: '2026-11-29T12:00:00Z' as never } : {}),
    },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      // Of devices, requests are what the limits are: Kubernetes takes them no other way.
      containers: [{ name: 'denoiser', image: 'denoiser', resources: { requests: { cpu: '2', ...devices }, limits: devices } }],
    },
    status: {
      phase: node === undefined ? 'Pending' : 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] as never,
    },
  };
}

/** A fleet's deployment, as a list of the API has it. */
export function fleetDeployment(name: string, replicas: number, ready = replicas): V1Deployment {
  return {
    metadata: { name, namespace: 'darkroom', labels: { 'app.kubernetes.io/component': 'denoiser' } },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: {} },
    status: { readyReplicas: ready },
  };
}
