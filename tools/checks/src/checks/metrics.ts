import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Check, verdict } from '../run/check.js';
import { runCommand } from '../run/command.js';

/** The page that lists every metric. */
const PAGE = 'docs/metrics.md';

/** Checks that the page of metrics lists those that the services have, and no others. */
export function metricsCheck(root: string): Check {
  return {
    name: 'every metric is documented',
    run: async () => {
      const args = ['grep', '-h', '--untracked', '-E', "name: 'darkroom_", '--', 'apps/*.ts', 'libs/*.ts', ':!*.spec.ts'];
      const { stdout } = await runCommand('git', args, { cwd: root, timeoutMs: 30_000 });
      const findings = compareMetrics(stdout, await readFile(path.join(root, PAGE), 'utf8'));
      return verdict(findings.length === 0, findings.join('\n'), `${stdout.trim().split('\n').length} metrics`);
    },
  };
}

/** Compares the metrics that sources name with those that a page has in its table. */
export function compareMetrics(sources: string, page: string): readonly string[] {
  const made = new Set([...sources.matchAll(/name: '(darkroom_\w+)'/g)].map(([, name = '']) => name));
  const told = new Set([...page.matchAll(/^\| [^|]+ \| `(darkroom_\w+)` \|/gm)].map(([, name = '']) => name));
  return [
    ...[...made].filter((name) => !told.has(name)).map((name) => `${PAGE} does not list ${name}`),
    ...[...told].filter((name) => !made.has(name)).map((name) => `${PAGE} lists ${name}, which no service has`),
  ];
}
