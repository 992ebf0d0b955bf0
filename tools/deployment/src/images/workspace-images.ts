import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { workspaceRoot } from '../workspace.js';
import type { ImageBuild } from './container-engine.js';

const execute = promisify(execFile);

/** The apps that run as containers, by the layers of their packages. */
export const imageApps: readonly string[] = readdirSync(path.join(workspaceRoot, 'apps'))
  .filter((app) => packageOf(app).nx.tags.some((tag) => tag === 'layer:edge' || tag === 'layer:model'))
  .sort();

/** The apps that have an image for CUDA too. */
export const cudaApps: readonly string[] = ['denoiser', 'prompt-encoder', 'vae-decoder'];

/** The version that the chart takes when it is told no other. */
export function chartVersion(): string {
  const chart = readFileSync(path.join(workspaceRoot, 'deploy/helm/darkroom/Chart.yaml'), 'utf8');
  return (parse(chart) as { readonly appVersion: string }).appVersion;
}

interface AppPackage {
  readonly description: string;
  readonly nx: { readonly tags: readonly string[] };
}

function packageOf(app: string): AppPackage {
  return JSON.parse(readFileSync(path.join(workspaceRoot, 'apps', app, 'package.json'), 'utf8')) as AppPackage;
}

/** Where the sources are from: the commit, marked when files differ from it, and the address of the repository where it is public. */
export interface SourceOrigin {
  readonly revision: string;
  readonly source: string | undefined;
}

/** Asks git where the sources are from. */
export async function sourceOrigin(): Promise<SourceOrigin> {
  const git = async (...args: string[]) => (await execute('git', ['-C', workspaceRoot, ...args])).stdout.trim();
  const isClean = (await git('status', '--porcelain')) === '';
  const remote = await git('remote', 'get-url', 'origin').catch(() => '');
  // A folder of this machine tells nobody else anything, and an address may carry a password.
  const source = /^https:\/\/[^@]+$/.test(remote) ? remote.replace(/\.git$/, '') : undefined;
  return { revision: `${await git('rev-parse', 'HEAD')}${isClean ? '' : '-dirty'}`, source };
}

/**
 * Says how an app's image is built, with the labels that OCI defines.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/annotations.md
 */
export function imageBuild(
  app: string,
  options: { readonly isCuda: boolean; readonly repository: string; readonly version: string; readonly origin: SourceOrigin },
): ImageBuild {
  const { isCuda, repository, version, origin } = options;
  const labels = {
    title: `Darkroom ${app}`,
    description: packageOf(app).description,
    licenses: 'Apache-2.0',
    version,
    revision: origin.revision,
    ...(origin.source === undefined ? {} : { source: origin.source }),
  };
  return {
    dockerfile: path.join(workspaceRoot, 'deploy/images/Dockerfile'),
    context: workspaceRoot,
    target: isCuda ? 'cuda' : 'cpu',
    name: `${repository}/${app}${isCuda ? '-cuda' : ''}:${version}`,
    buildArguments: { APP: app },
    labels: Object.fromEntries(Object.entries(labels).map(([key, value]) => [`org.opencontainers.image.${key}`, value])),
  };
}
