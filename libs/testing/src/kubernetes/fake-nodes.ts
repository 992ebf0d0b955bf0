import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from './client.js';

const HEARTBEAT_MS = 5_000;
const LOOK_MS = 250;
const statusPatch = 'application/strategic-merge-patch+json';

/** A node that there is no machine for. */
export interface FakeNode {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** What it has beside 64 CPUs, 512 GiB and room for 110 pods, for instance `{ 'nvidia.com/gpu': '4' }`. */
  readonly devices?: Readonly<Record<string, string>>;
  readonly taints?: readonly object[];
}

/**
 * Nodes without machines in a real cluster: they report as a kubelet does, and say of each pod that they are given that it runs and is
 * ready, or that it has ended when it is to be deleted.
 */
export class FakeNodes {
  private readonly admin: KubernetesClient;
  private readonly names = new Set<string>();
  private readonly ended = new AbortController();
  private readonly loop: Promise<void>;

  constructor(admin: KubernetesClient) {
    this.admin = admin;
    this.loop = this.run();
  }

  /** Adds a node that is ready. */
  async add({ name, labels = {}, devices = {}, taints = [] }: FakeNode): Promise<void> {
    const metadata = { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', ...labels } };
    await this.admin.must('POST', '/api/v1/nodes', { metadata, spec: { taints } });
    const resources = { cpu: '64', memory: '512Gi', pods: '110', ...devices };
    await this.report(name, { capacity: resources, allocatable: { ...resources, cpu: '63770m', memory: '503Gi' } });
    this.names.add(name);
  }

  /** Lets them report no more. */
  async stop(): Promise<void> {
    this.ended.abort();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { signal } = this.ended;
    let reportedMs = performance.now();
    while (!signal.aborted) {
      // The API server may be stopped at any moment; what failed is done again.
      await this.runPods().catch(() => undefined);
      if (performance.now() - reportedMs > HEARTBEAT_MS) {
        reportedMs = performance.now();
        await Promise.all([...this.names].map((name) => this.report(name))).catch(() => undefined);
      }
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async report(name: string, more: object = {}): Promise<void> {
    const now = new Date().toISOString();
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now };
    await this.admin.must('PATCH', `/api/v1/nodes/${name}/status`, { status: { conditions: [ready], ...more } }, statusPatch);
  }

  private async runPods(): Promise<void> {
    const { items } = await this.admin.must('GET', '/api/v1/pods');
    for (const { metadata, spec, status } of items) {
      if (!this.names.has(spec.nodeName)) continue;
      const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
      if (metadata.deletionTimestamp !== undefined) await this.admin.request('DELETE', path, { gracePeriodSeconds: 0 });
      else if (status.phase === 'Pending') await this.admin.request('PATCH', `${path}/status`, { status: running }, statusPatch);
    }
  }
}

const running = {
  phase: 'Running',
  conditions: ['Initialized', 'ContainersReady', 'Ready'].map((type) => ({ type, status: 'True' })),
};
