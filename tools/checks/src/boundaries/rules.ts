import type { IForbiddenRuleType } from 'dependency-cruiser';
import type { WorkspacePackage } from '../workspace/packages.js';
import { browserFiles, homes, type Layer, layers } from './layers.js';

/** Files that only tests run; they may use `testing` packages and the client whatever their layer. */
const specs = '\\.spec\\.ts$';

const node = ['core'];

/** Turns the layers and the packages' tags into rules for dependency-cruiser. */
export function boundaryRules(packages: readonly WorkspacePackage[]): IForbiddenRuleType[] {
  return [
    cycles,
    relativeImports,
    browserImports,
    webImports(packages),
    ...homes.map(({ package: name, folders }) => ({
      name: `home of ${name}`,
      comment: `${name} may be imported in ${folders.join(', ')} alone`,
      severity: 'error' as const,
      from: { path: '^(apps|libs|tools)/', pathNot: folders.map((folder) => `^${folder}`) },
      to: { path: outside(name) },
    })),
    ...packages.flatMap((one) => layerRules(one, packages)),
  ];
}

const cycles: IForbiddenRuleType = {
  name: 'no-cycle',
  comment: 'a file must not import itself through others',
  severity: 'error',
  from: {},
  to: { circular: true },
};

const relativeImports: IForbiddenRuleType = {
  name: 'no-reaching-in',
  comment: 'a package is imported by its name, never by a relative path into its files',
  severity: 'error',
  from: { path: '^((?:apps|libs|tools)/[^/]+)/' },
  to: { path: '^(apps|libs|tools)/', pathNot: '^$1/', dependencyTypes: ['local'] },
};

const browserImports: IForbiddenRuleType = {
  name: 'browser-safe',
  comment: 'the HTTP contract runs in browsers: it may import zod and itself alone',
  severity: 'error',
  from: { path: browserFiles, pathNot: specs },
  to: { pathNot: [browserFiles, '^node_modules/zod/', '^zod$'] },
};

/** Keeps pages to the part of the contract that runs in browsers. */
function webImports(packages: readonly WorkspacePackage[]): IForbiddenRuleType {
  const pages = packages.filter(({ layer }) => layer === 'web').map(({ folder }) => `^${folder}/`);
  return {
    name: 'web-imports',
    comment: 'a page may import @darkroom/contracts/http and /admin of the contract, and nothing else of it',
    severity: 'error',
    from: { path: pages.length === 0 ? '^$' : pages },
    to: { path: ['^libs/contracts/', '^@darkroom/contracts$'], pathNot: browserFiles },
  };
}

function layerRules(one: WorkspacePackage, packages: readonly WorkspacePackage[]): IForbiddenRuleType[] {
  const layer = one.layer === undefined ? undefined : layers[one.layer];
  if (layer === undefined) return [];
  const from = `^${one.folder}/`;
  const others = packages.filter(({ folder }) => folder !== one.folder);
  const refused = others.filter((other) => other.layer === undefined || !layer.mayUse.includes(other.layer));
  const refusedOfSpecs = refused.filter(({ layer }) => layer !== 'testing' && layer !== 'client');
  return [
    layerRule(one, layer, { path: from, pathNot: specs }, refused),
    layerRule(one, layer, { path: `${from}.*${specs}` }, refusedOfSpecs),
    ...packageRules(one, layer),
  ];
}

function layerRule(
  one: WorkspacePackage,
  layer: Layer,
  from: IForbiddenRuleType['from'],
  refused: readonly WorkspacePackage[],
): IForbiddenRuleType {
  const allowed = layer.mayUse.length === 0 ? 'no other package' : layer.mayUse.join(', ');
  return {
    name: `layer of ${from.path}`,
    comment: `layer "${one.layer}" may use ${allowed}`,
    severity: 'error',
    from,
    // A package may be resolved to its sources or, before they exist, only be named.
    to: { path: refused.flatMap(({ folder, name }) => [`^${folder}/`, `^${name}(/|$)`]) },
  };
}

function packageRules(one: WorkspacePackage, layer: Layer): IForbiddenRuleType[] {
  const inside = ['^(apps|libs|tools)/', '^@darkroom/'];
  const undeclared: IForbiddenRuleType = {
    name: `declared by ${one.folder}`,
    comment: `what is imported must be declared in ${one.folder}/package.json`,
    severity: 'error',
    from: { path: `^${one.folder}/` },
    to: {
      path: '^node_modules/|^[^./]',
      pathNot: [`^${one.folder}/`, '^(apps|libs|tools)/', ...[...one.declared, 'vitest'].map(outside)],
      dependencyTypesNot: node as never[],
    },
  };
  if (layer.packages === undefined) return [undeclared];
  const allowed = layer.packages.length === 0 ? 'none' : layer.packages.join(', ');
  const closed: IForbiddenRuleType = {
    name: `packages of ${one.folder}`,
    comment: `of packages from outside, layer "${one.layer}" may use ${allowed}`,
    severity: 'error',
    from: { path: `^${one.folder}/`, pathNot: specs },
    to: {
      path: '^node_modules/|^[^./]',
      pathNot: [...inside, ...layer.packages.map(outside)],
      dependencyTypesNot: node as never[],
    },
  };
  return [undeclared, closed];
}

/** Matches a package from outside, whether it was found in node_modules or not. */
function outside(name: string): string {
  return `(^|node_modules/)${name.replaceAll('.', '\\.')}(/|$)`;
}
