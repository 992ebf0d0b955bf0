import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeCertificateAuthority } from '../certificates.js';
import { freePort } from '../ports.js';
import { temporaryFolder } from '../temporary-folder.js';
import type { KubernetesBinaries } from './binaries.js';
import { KubernetesClient } from './client.js';
import { DaemonProcess } from './daemon-process.js';

/** What a control plane is started with. */
export interface KubernetesOptions {
  /** Whether controllers make pods of deployments, and a scheduler gives them nodes (true). */
  readonly controllers?: boolean;
  /** Whether the API server answers watches from its memory, as it does by default, or from etcd (true). */
  readonly watchCache?: boolean;
  /** For how long the API server lets a watch last at least; it ends each after that or up to twice as long. */
  readonly watchSeconds?: number;
}

/** A real control plane of Kubernetes of a spec's own: etcd and kube-apiserver on loopback, with or without what acts on objects. */
export interface KubernetesServer {
  /** Where its API is, in https. */
  readonly address: string;
  /** The authority that certified its API, in PEM. */
  readonly authority: string;
  /** A client that may do everything. */
  readonly admin: KubernetesClient;
  /** Its version, for instance `v1.20.2`. */
  readonly version: string;
  /** Makes etcd forget how everything came about until now. */
  compact(): Promise<void>;
  /** Kills the API server: left to itself, it waits for its watches to end. */
  stop(): Promise<void>;
  /** Starts the API server again. */
  start(): Promise<void>;
  /** Stops everything and deletes what it wrote. */
  dispose(): Promise<void>;
}

/** Users with their groups; the scheduler's name is the one that Kubernetes' own role for it is bound to. */
const users = { admin: 'system:masters', controllers: 'system:masters', 'system:kube-scheduler': '' } as const;
type User = keyof typeof users;

/**
 * Starts a control plane of Kubernetes whose programs are given.
 *
 * @throws {Error} Thrown with the last lines of its log when a program ends or is not ready within a minute.
 */
export async function startKubernetes(binaries: KubernetesBinaries, options: KubernetesOptions = {}): Promise<KubernetesServer> {
  const { controllers = true, watchCache = true, watchSeconds = 1_800 } = options;
  const folder = await temporaryFolder();
  const [etcdPort, peerPort, apiPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const [etcd, address] = [`http://127.0.0.1:${etcdPort}`, `https://127.0.0.1:${apiPort}`];
  const authority = await makeCertificateAuthority();
  const certificate = await authority.issue();
  const tokens = Object.fromEntries(Object.keys(users).map((user) => [user, randomBytes(24).toString('hex')])) as Record<
    User,
    string
  >;
  const file = async (name: string, content: string) => {
    const to = path.join(folder.path, name);
    await writeFile(to, content, { mode: 0o600 });
    return to;
  };
  const accountKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const files = {
    authority: await file('ca.crt', authority.certificate),
    certificate: await file('server.crt', certificate.certificate),
    key: await file('server.key', certificate.key),
    accountKey: await file('accounts.key', accountKeys.privateKey.export({ type: 'sec1', format: 'pem' }).toString()),
    tokens: await file(
      'tokens.csv',
      (Object.entries(users) as [User, string][]).map(([user, group]) => `${tokens[user]},${user},${user},${group}\n`).join(''),
    ),
  };
  const kubeconfig = (user: User) =>
    file(`${user.replaceAll(':', '-')}.json`, kubeconfigOf(address, files.authority, tokens[user]));

  const admin = new KubernetesClient({ address, authority: authority.certificate, token: tokens.admin });
  const processes = {
    etcd: new DaemonProcess(binaries.etcd, [
      ...['--data-dir', path.join(folder.path, 'etcd'), '--unsafe-no-fsync'],
      ...['--listen-client-urls', etcd, '--advertise-client-urls', etcd],
      ...['--listen-peer-urls', `http://127.0.0.1:${peerPort}`],
    ]),
    apiServer: new DaemonProcess(binaries.apiServer, [
      ...['--etcd-servers', etcd, '--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', '--secure-port', `${apiPort}`],
      ...['--tls-cert-file', files.certificate, '--tls-private-key-file', files.key, '--cert-dir', folder.path],
      ...['--token-auth-file', files.tokens, '--authorization-mode=RBAC', '--anonymous-auth=false'],
      ...['--service-account-issuer', address, '--service-account-signing-key-file', files.accountKey],
      ...['--service-account-key-file', files.accountKey, '--service-cluster-ip-range=10.96.0.0/16'],
      // Nothing is forgotten unless a spec says so.
      ...['--etcd-compaction-interval=0', `--watch-cache=${watchCache}`, `--min-request-timeout=${watchSeconds}`],
      ...['--endpoint-reconciler-type=none', '--allow-privileged=true'],
    ]),
  };
  const actors: DaemonProcess[] = [];
  const isReady = async () => (await admin.request('GET', '/readyz')).status === 200;
  const startApiServer = () => processes.apiServer.start(isReady);
  const dispose = async () => {
    for (const one of [...actors, processes.apiServer, processes.etcd]) await one.kill();
    admin.close();
    await folder.remove();
  };
  try {
    await processes.etcd.start(async () => (await fetch(`${etcd}/health`)).ok);
    await startApiServer();
    if (controllers) {
      actors.push(
        new DaemonProcess(binaries.controllerManager, [
          ...['--kubeconfig', await kubeconfig('controllers'), '--bind-address=127.0.0.1', '--secure-port=0'],
          ...['--port=0', '--leader-elect=false', '--service-account-private-key-file', files.accountKey],
          ...['--root-ca-file', files.authority, '--concurrent-deployment-syncs=2'],
        ]),
        new DaemonProcess(binaries.scheduler, [
          ...['--kubeconfig', await kubeconfig('system:kube-scheduler'), '--bind-address=127.0.0.1', '--secure-port=0'],
          ...['--port=0', '--leader-elect=false'],
        ]),
      );
      for (const actor of actors) await actor.start();
    }
    const { body } = await admin.request('GET', '/version');
    return {
      address,
      authority: authority.certificate,
      admin,
      version: (body as { gitVersion: string }).gitVersion,
      compact: () => compact(etcd),
      stop: () => processes.apiServer.kill(),
      start: startApiServer,
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function kubeconfigOf(address: string, authorityFile: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'spec', cluster: { server: address, 'certificate-authority': authorityFile } }],
    users: [{ name: 'spec', user: { token } }],
    contexts: [{ name: 'spec', context: { cluster: 'spec', user: 'spec' } }],
    'current-context': 'spec',
  });
}

/** Has etcd forget all revisions before the present one. */
async function compact(etcd: string): Promise<void> {
  const call = async (method: string, body: object) => {
    const response = await fetch(`${etcd}/v3/kv/${method}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as { header: { revision: string } };
  };
  const { header } = await call('range', { key: Buffer.from('/').toString('base64'), count_only: true });
  await call('compaction', { revision: header.revision, physical: true });
}
