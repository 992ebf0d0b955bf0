import { describe, expect, it } from 'vitest';
import { alertFindings } from './alerts.js';

const page = '| denoiser | `darkroom_jobs_total` | counter | `outcome` | jobs |';
const runbooks = '# Alerts\n\n## JobsLost\nWhat to do.\n';

const rule = {
  alert: 'JobsLost',
  expr: 'sum by (outcome) (rate(darkroom_jobs_total{}[5m])) > 0',
  labels: { severity: 'warning' },
  annotations: { summary: 'Jobs are lost', runbook_url: 'docs/operations/alerts.md#jobslost' },
};
/** JSON is YAML too. */
const findingsOf = (change: object, books = runbooks) =>
  alertFindings(JSON.stringify({ groups: [{ rules: [{ ...rule, ...change }] }] }), page, books);

describe('alertFindings', () => {
  it('has nothing against an alert on what there is, with its run-book', () => {
    expect(findingsOf({})).toEqual([]);
    expect(findingsOf({ expr: 'changes(process_start_time_seconds{service="denoiser"}[5m]) > 2' })).toEqual([]);
  });

  it.each([
    [{ expr: 'rate(darkroom_job_total{}[5m]) > 0' }, 'there is no metric darkroom_job_total'],
    [{ expr: 'rate(darkroom_jobs_total{model="x"}[5m]) > 0' }, 'has no label model'],
    [{ expr: 'darkroom_jobs_total{} / on (model) darkroom_jobs_total{} > 0' }, 'has no label model'],
    [{ expr: 'up == 0' }, 'no metric of the platform'],
    [{ labels: {} }, 'its severity is neither'],
    [{ annotations: { runbook_url: rule.annotations.runbook_url } }, 'it has no summary'],
    [
      { annotations: { ...rule.annotations, runbook_url: 'https://elsewhere' } },
      'its runbook_url is not docs/operations/alerts.md#jobslost',
    ],
  ])('refuses %j', (change, finding) => {
    expect(findingsOf(change)).toEqual([expect.stringContaining(finding)]);
  });

  it('refuses an alert without a section, and a section without an alert', () => {
    expect(findingsOf({}, '## Other\n')).toEqual([
      'JobsLost: docs/operations/alerts.md has no section JobsLost',
      'docs/operations/alerts.md has a section Other, and there is no such alert',
    ]);
  });
});
