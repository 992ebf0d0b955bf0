import { existsSync, lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { readPackages, type WorkspacePackage } from '../workspace/packages.js';
import { layers } from './layers.js';
import { boundaryRules } from './rules.js';

/** What was looked at, and what is wrong with it. */
export interface BoundaryReport {
  /** How many files were read. */
  readonly files: number;
  /** One sentence for each import that crosses a boundary. */
  readonly violations: readonly string[];
}

/** Reads the imports of every package under a root and reports those that cross a boundary. */
export async function checkBoundaries(root: string): Promise<BoundaryReport> {
  const packages = readPackages(root);
  const sources = packages.map(({ folder }) => `${folder}/src`).filter((folder) => existsSync(path.join(root, folder)));
  const { output } = await cruise(sources, {
    baseDir: root,
    validate: true,
    ruleSet: { forbidden: boundaryRules(packages) },
    // TypeScript 7 has no compiler API; swc reads the same imports, those of types included.
    parser: 'swc',
    tsPreCompilationDeps: true,
    exclude: { path: '/(dist|generated)/' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['darkroom-source', 'import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mts', '.mjs', '.js', '.json'],
    },
  });
  const result = output as ICruiseResult;
  return {
    files: result.modules.filter(({ source }) => /^(apps|libs|tools)\//.test(source)).length,
    violations: [...untagged(packages), ...unlinked(root, packages), ...describe(result)],
  };
}

function describe({ summary }: ICruiseResult): string[] {
  const comments = new Map((summary.ruleSetUsed?.forbidden ?? []).map((rule) => [rule.name, rule.comment]));
  return summary.violations.map(({ from, to, cycle, rule }) => {
    const target = cycle?.map(({ name }) => name).join(' -> ') ?? to;
    return `${from} imports ${target}: ${comments.get(rule.name) ?? rule.name}`;
  });
}

function untagged(packages: readonly WorkspacePackage[]): string[] {
  return packages
    .filter(({ layer }) => layer === undefined || layers[layer] === undefined)
    .map(
      ({ folder, layer }) =>
        `${folder}/package.json needs one tag "layer:…" of ${Object.keys(layers).join(', ')}${layer === undefined ? '' : `; "${layer}" is none`}`,
    );
}

/** A package that isn't linked into node_modules can't be resolved, and its imports would go unseen. */
function unlinked(root: string, packages: readonly WorkspacePackage[]): string[] {
  const scope = path.join(root, 'node_modules/@darkroom');
  const linked = existsSync(scope) ? readdirSync(scope).filter((name) => lstatSync(path.join(scope, name)).isSymbolicLink()) : [];
  return packages
    .filter(({ name }) => !linked.includes(name.replace('@darkroom/', '')))
    .map(({ name }) => `${name} is not linked: run npm install`);
}
