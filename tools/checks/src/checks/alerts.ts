import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { type Check, verdict } from '../run/check.js';
import { expressionFindings, METRICS_PAGE, metricsOf } from './expressions.js';

const FILE = 'deploy/helm/darkroom/files/alerts.yaml';
const RUNBOOKS = 'docs/operations/alerts.md';

/** Checks that alerts are about metrics that there are, and that each has its run-book. */
export function alertsCheck(root: string): Check {
  return {
    name: 'alerts are about metrics that there are, and have run-books',
    run: async () => {
      const read = (file: string) => readFile(path.join(root, file), 'utf8');
      const [alerts, page, runbooks] = (await Promise.all([FILE, METRICS_PAGE, RUNBOOKS].map(read))) as [string, string, string];
      const findings = alertFindings(alerts, page, runbooks);
      return verdict(findings.length === 0, findings.join('\n'), `${rulesOf(alerts).length} alerts`);
    },
  };
}

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity?: string };
  readonly annotations: { readonly summary?: string; readonly runbook_url?: string };
}

/** Reports what is wrong with a file of alerts, given the page of metrics and that of run-books. */
export function alertFindings(alerts: string, page: string, runbooks: string): readonly string[] {
  const metrics = metricsOf(page);
  const sections = [...runbooks.matchAll(/^## (\w+)$/gm)].map(([, name = '']) => name);
  const rules = rulesOf(alerts);
  const names = rules.map(({ alert }) => alert);
  return [
    ...rules.flatMap((rule) =>
      ruleFindings(rule, sections)
        .concat(expressionFindings(rule.expr, metrics))
        .map((what) => `${rule.alert}: ${what}`),
    ),
    ...sections
      .filter((name) => !names.includes(name))
      .map((name) => `${RUNBOOKS} has a section ${name}, and there is no such alert`),
    ...(rules.length === 0 ? ['there are no alerts'] : []),
  ];
}

function rulesOf(alerts: string): Rule[] {
  return (parse(alerts) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
}

function ruleFindings({ alert, labels, annotations }: Rule, sections: readonly string[]): string[] {
  const address = `${RUNBOOKS}#${alert.toLowerCase()}`;
  return [
    ...(['warning', 'critical'].includes(labels.severity ?? '') ? [] : ['its severity is neither warning nor critical']),
    ...(annotations.summary ? [] : ['it has no summary']),
    ...(annotations.runbook_url === address ? [] : [`its runbook_url is not ${address}`]),
    ...(sections.includes(alert) ? [] : [`${RUNBOOKS} has no section ${alert}`]),
  ];
}
