import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { helm } from './helm.js';
import type { KubernetesObject } from './kubernetes-object.js';
import { workspaceRoot } from './workspace.js';

/** The chart's folder. */
export const chartFolder = path.join(workspaceRoot, 'deploy/helm/darkroom');

/** Names the sets of values that come with the chart, by their files; the first is the chart's own. */
export const valueFiles: readonly string[] = [
  'values.yaml',
  ...readdirSync(path.join(chartFolder, 'ci')).map((name) => `ci/${name}`),
];

const rendered = new Map<string, Promise<readonly KubernetesObject[]>>();

/**
 * Renders the chart with one of its files of values, and with single values over it; the same is rendered once.
 *
 * @throws {Error} Thrown with helm's own words when it refuses.
 */
export async function renderChart(values: string, ...sets: readonly string[]): Promise<readonly KubernetesObject[]> {
  const key = JSON.stringify([values, sets]);
  const found = rendered.get(key) ?? render(values, sets);
  rendered.set(key, found);
  return await found;
}

async function render(values: string, sets: readonly string[]): Promise<readonly KubernetesObject[]> {
  const settings = sets.flatMap((set) => ['--set', set]);
  const args = [
    'template',
    'darkroom',
    chartFolder,
    '--namespace',
    'pictures',
    '--values',
    path.join(chartFolder, values),
    ...settings,
  ];
  const { code, stdout, stderr } = await helm(...args);
  if (code !== 0) throw new Error(stderr);
  const documents = parseAllDocuments(stdout, { uniqueKeys: true });
  for (const { errors } of documents) if (errors[0] !== undefined) throw errors[0];
  return documents.map((document) => document.toJS() as KubernetesObject | null).filter((object) => object !== null);
}
