import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Check, verdict } from '../run/check.js';

const FOLDER = 'deploy/helm/darkroom/dashboards';
const PAGE = 'docs/metrics.md';

/** Checks that dashboards show metrics that there are, by labels that they have. */
export function dashboardsCheck(root: string): Check {
  return {
    name: 'dashboards show metrics that there are',
    run: async () => {
      const page = await readFile(path.join(root, PAGE), 'utf8');
      const files = await readdir(path.join(root, FOLDER));
      const findings = files.map(async (file) => {
        const found = dashboardFindings(await readFile(path.join(root, FOLDER, file), 'utf8'), page);
        return found.map((finding) => `${FOLDER}/${file}: ${finding}`);
      });
      const all = (await Promise.all(findings)).flat();
      return verdict(files.length > 0 && all.length === 0, all.join('\n'), `${files.length} dashboards`);
    },
  };
}

/** A metric as the page has it in its table. */
interface Metric {
  readonly kind: string;
  readonly labels: readonly string[];
}

/** Reports what a dashboard's expressions name that the page of metrics does not have. */
export function dashboardFindings(dashboard: string, page: string): readonly string[] {
  const metrics = metricsOf(page);
  const { panels } = JSON.parse(dashboard) as { panels: readonly { title: string; targets: readonly { expr: string }[] }[] };
  if (panels.length === 0) return ['it shows nothing'];
  return panels.flatMap(({ title, targets }) =>
    targets.flatMap(({ expr }) => expressionFindings(expr, metrics)).map((what) => `"${title}": ${what}`),
  );
}

function metricsOf(page: string): ReadonlyMap<string, Metric> {
  const rows = page.matchAll(/^\| [^|]+ \| `(darkroom_\w+)` \| (\w+) \| ([^|]*) \|/gm);
  return new Map(
    [...rows].map(([, name = '', kind = '', labels = '']) => [
      name,
      { kind, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) },
    ]),
  );
}

function expressionFindings(expression: string, metrics: ReadonlyMap<string, Metric>): readonly string[] {
  const names = [...expression.matchAll(/\bdarkroom_\w+(?=\{)/g)].map(([name]) => name);
  if (names.length === 0) return ['no metric of the platform is in its expression'];
  const findings = names.flatMap((name) => nameFindings(name, metrics));
  const known = new Set(names.flatMap((name) => (metrics.get(name) ?? metrics.get(baseOf(name)))?.labels ?? []));
  // What Prometheus and the chart put to every metric.
  for (const label of ['namespace', 'pod', 'service', 'le', 'darkroom_fleet']) known.add(label);
  const groups = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((label) => label.trim()),
  );
  const matched = [...expression.matchAll(/[{,](\w+)(?:=|!=|=~|!~)"/g)].map(([, label = '']) => label);
  return [
    ...findings,
    ...[...groups, ...matched].filter((label) => !known.has(label)).map((label) => `${names.join(', ')} has no label ${label}`),
  ];
}

function nameFindings(name: string, metrics: ReadonlyMap<string, Metric>): readonly string[] {
  const own = metrics.get(name);
  if (own !== undefined) return own.kind === 'histogram' ? [`${name} is a histogram: add _bucket, _sum or _count`] : [];
  return metrics.get(baseOf(name))?.kind === 'histogram' ? [] : [`there is no metric ${name}`];
}

function baseOf(name: string): string {
  return name.replace(/_(bucket|sum|count)$/, '');
}
