import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { aborted, LocalError, runCommand, stopSignal } from '@darkroom/local';
import { temporaryFolder } from '@darkroom/testing';
import { findKubernetes, kubernetesPrograms } from '@darkroom/testing/kubernetes';
import { workspaceRoot } from '../workspace.js';
import { buildKubernetes } from './build.js';
import { startChartCluster } from './chart-cluster.js';
import { startKubectlProxy } from './kubectl-proxy.js';

const help = `npm run cluster -- COMMAND [--binaries FOLDER | --build FOLDER]

Runs what the platform has to do with Kubernetes against a real control plane of it, on loopback, with nodes that no machines are behind.

  check            the specs that need one: the client, the control plane, the autoscaler, the chart's objects and rights
  start            a cluster with fleets of the chart in it, until Ctrl+C; prints how to show it on a dashboard

  --binaries       where ${kubernetesPrograms.join(', ')} are; else they are looked for in PATH
  --build          builds them there first, from Debian 12's source packages; some gigabytes, and ten minutes or more
`;

/** The specs that do more where there is a real API server. */
const specs = ['libs/cluster/src/watched-list.spec.ts', 'tools/deployment/src/cluster/'];

const say = (line: string) => process.stderr.write(`${line}\n`);

async function check(): Promise<number> {
  const vitest = path.join(workspaceRoot, 'node_modules/.bin/vitest');
  const args = ['run', '--project', 'unit', '--reporter', 'verbose', ...specs];
  const [code] = (await once(spawn(vitest, args, { cwd: workspaceRoot, stdio: 'inherit' }), 'close')) as [number | null];
  return code ?? 1;
}

async function start(): Promise<number> {
  const binaries = await findKubernetes();
  if (binaries === undefined) throw new LocalError(help);
  const signal = stopSignal();
  const folder = await temporaryFolder();
  const cluster = await startChartCluster(binaries);
  const proxy = await startKubectlProxy(await cluster.access('darkroom-control-plane'), folder.path);
  say(`Kubernetes ${cluster.api.version} is at ${cluster.api.address}. A dashboard that shows it:\n`);
  process.stdout.write(`KUBERNETES_API=${proxy.address} KUBERNETES_NAMESPACE=${cluster.namespace} npm start\n`);
  await aborted(signal);
  await proxy.stop();
  await cluster.dispose();
  await folder.remove();
  return 0;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { binaries: { type: 'string' }, build: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const [command, ...more] = positionals;
  if ((command !== 'check' && command !== 'start') || more.length > 0) throw new LocalError(help);
  const given = values.build === undefined ? values.binaries : await buildKubernetes(path.resolve(values.build), say);
  if (given !== undefined) process.env['PATH'] = [path.resolve(given), process.env['PATH']].join(path.delimiter);
  if ((await findKubernetes()) === undefined) {
    throw new LocalError(`Not all of ${kubernetesPrograms.join(', ')} are in PATH or --binaries; --build FOLDER builds them.`);
  }
  return command === 'check' ? await check() : await start();
}

await runCommand(main);
process.exit();
