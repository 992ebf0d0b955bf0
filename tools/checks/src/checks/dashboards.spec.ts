import { describe, expect, it } from 'vitest';
import { dashboardFindings } from './dashboards.js';

const page = `
| denoiser | \`darkroom_jobs_total\` | counter | \`outcome\` | jobs |
| all | \`darkroom_call_seconds\` | histogram | \`method\`, \`code\` | calls |
| all | \`darkroom_waiting_count\` | gauge |  | what waits |
`;

const findingsOf = (expr: string) => dashboardFindings(JSON.stringify({ panels: [{ title: 'A', targets: [{ expr }] }] }), page);

describe('dashboardFindings', () => {
  it.each([
    'sum by (outcome) (rate(darkroom_jobs_total{namespace="$namespace"}[5m]))',
    'histogram_quantile(0.95, sum by (le, method) (rate(darkroom_call_seconds_bucket{namespace="$namespace",code!="ok"}[5m])))',
    'rate(darkroom_call_seconds_sum{}[5m]) / rate(darkroom_call_seconds_count{}[5m])',
    'sum by (pod) (darkroom_waiting_count{})',
  ])('accepts %s', (expression) => {
    expect(findingsOf(expression)).toEqual([]);
  });

  it.each([
    ['rate(darkroom_job_total{}[5m])', 'there is no metric darkroom_job_total'],
    ['rate(darkroom_jobs_total_sum{}[5m])', 'there is no metric darkroom_jobs_total_sum'],
    ['rate(darkroom_call_seconds{}[5m])', 'darkroom_call_seconds is a histogram'],
    ['sum by (model) (rate(darkroom_jobs_total{}[5m]))', 'darkroom_jobs_total has no label model'],
    ['rate(darkroom_jobs_total{namespace="x",outcom="lost"}[5m])', 'darkroom_jobs_total has no label outcom'],
    ['up', 'no metric of the platform'],
  ])('refuses %s', (expression, finding) => {
    expect(findingsOf(expression)).toEqual([expect.stringContaining(finding)]);
  });

  it('refuses a dashboard that shows nothing', () => {
    expect(dashboardFindings('{"panels": []}', page)).toEqual(['it shows nothing']);
  });
});
