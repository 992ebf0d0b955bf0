/** The page that lists every metric. */
export const METRICS_PAGE = 'docs/metrics.md';

/** What every process tells of itself, by the names that prom-client gives. */
const processMetrics = new Set(['process_start_time_seconds']);

/** A metric as the page has it in its table. */
export interface Metric {
  readonly kind: string;
  readonly labels: readonly string[];
}

/** Reads the table of metrics on the page. */
export function metricsOf(page: string): ReadonlyMap<string, Metric> {
  const rows = page.matchAll(/^\| [^|]+ \| `(darkroom_\w+)` \| (\w+) \| ([^|]*) \|/gm);
  return new Map(
    [...rows].map(([, name = '', kind = '', labels = '']) => [
      name,
      { kind, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) },
    ]),
  );
}

/** Reports what an expression names that the metrics don't have; a selector's braces tell a metric from a label. */
export function expressionFindings(expression: string, metrics: ReadonlyMap<string, Metric>): readonly string[] {
  const names = [...expression.matchAll(/\bdarkroom_\w+(?=\{)/g)].map(([name]) => name);
  const others = [...expression.matchAll(/\b\w+(?=\{)/g)].map(([name]) => name).filter((name) => processMetrics.has(name));
  if (names.length + others.length === 0) return ['no metric of the platform is in its expression'];
  const findings = names.flatMap((name) => nameFindings(name, metrics));
  const known = new Set(names.flatMap((name) => (metrics.get(name) ?? metrics.get(baseOf(name)))?.labels ?? []));
  // What Prometheus and the chart put to every metric.
  for (const label of ['namespace', 'pod', 'instance', 'service', 'le', 'darkroom_fleet']) known.add(label);
  const groups = [...expression.matchAll(/\b(?:by|without|on|ignoring) \(([^)]*)\)/g)].flatMap(([, list = '']) =>
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
