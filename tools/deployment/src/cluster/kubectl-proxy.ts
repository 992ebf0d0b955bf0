import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { KubernetesAccess } from '@darkroom/testing/kubernetes';
import { kubernetesProgram } from '../helm.js';

/** A running `kubectl proxy`: the API of a cluster in plain HTTP, as one user of it. */
export interface KubectlProxy {
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts `kubectl proxy` on a free port of loopback. @param folder where it may keep what it is told. */
export async function startKubectlProxy({ address, authority, token }: KubernetesAccess, folder: string): Promise<KubectlProxy> {
  const file = path.join(folder, `kubeconfig-${Date.now()}.json`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'here', cluster: { server: address, 'certificate-authority-data': Buffer.from(authority).toString('base64') } },
    ],
    users: [{ name: 'here', user: { token } }],
    contexts: [{ name: 'here', context: { cluster: 'here', user: 'here' } }],
    'current-context': 'here',
  };
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  const child = spawn(await kubernetesProgram('kubectl'), ['proxy', '--kubeconfig', file, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [Buffer | number];
  const [, served] = /Starting to serve on (\S+)/.exec(String(line)) ?? [];
  if (served === undefined) throw new Error(`kubectl proxy did not start: ${line}`);
  return {
    address: `http://${served}`,
    stop: async () => {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill();
      await exited;
    },
  };
}
