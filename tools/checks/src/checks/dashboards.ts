import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Check, verdict } from '../run/check.js';
import { expressionFindings, METRICS_PAGE, metricsOf } from './expressions.js';

const FOLDER = 'deploy/helm/darkroom/dashboards';

/** Checks that dashboards show metrics that there are, by labels that they have. */
export function dashboardsCheck(root: string): Check {
  return {
    name: 'dashboards show metrics that there are',
    run: async () => {
      const page = await readFile(path.join(root, METRICS_PAGE), 'utf8');
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

/** Reports what a dashboard's expressions name that the page of metrics does not have. */
export function dashboardFindings(dashboard: string, page: string): readonly string[] {
  const metrics = metricsOf(page);
  const { panels } = JSON.parse(dashboard) as { panels: readonly { title: string; targets: readonly { expr: string }[] }[] };
  if (panels.length === 0) return ['it shows nothing'];
  return panels.flatMap(({ title, targets }) =>
    targets.flatMap(({ expr }) => expressionFindings(expr, metrics)).map((what) => `"${title}": ${what}`),
  );
}
