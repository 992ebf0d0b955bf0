import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** One package of the workspace, as its package.json describes it. */
export interface WorkspacePackage {
  /** Name in the registry's sense, for instance "@darkroom/tensor". */
  readonly name: string;
  /** Folder relative to the root, with forward slashes, for instance "libs/tensor". */
  readonly folder: string;
  /** What its `layer:` tag says; undefined when it has none, or more than one. */
  readonly layer: string | undefined;
  /** Names of all packages it declares to need, those of development included. */
  readonly declared: ReadonlySet<string>;
}

const groups = ['apps', 'libs', 'tools'];

/** Reads every package of the workspace, in order of their folders. */
export function readPackages(root: string): readonly WorkspacePackage[] {
  return groups
    .filter((group) => existsSync(path.join(root, group)))
    .flatMap((group) => readdirSync(path.join(root, group)).map((name) => `${group}/${name}`))
    .filter((folder) => existsSync(path.join(root, folder, 'package.json')))
    .sort()
    .map((folder) => readPackage(root, folder));
}

interface PackageJson {
  readonly name: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly nx?: { readonly tags?: readonly string[] };
}

function readPackage(root: string, folder: string): WorkspacePackage {
  const json = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8')) as PackageJson;
  const layers = (json.nx?.tags ?? []).filter((tag) => tag.startsWith('layer:')).map((tag) => tag.slice('layer:'.length));
  return {
    name: json.name,
    folder,
    layer: layers.length === 1 ? layers[0] : undefined,
    declared: new Set(Object.keys({ ...json.dependencies, ...json.devDependencies })),
  };
}
