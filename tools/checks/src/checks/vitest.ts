import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Check, Outcome } from '../run/check.js';
import { runCommand } from '../run/command.js';

/** Runs one of the projects of vitest.config.ts and counts its tests. */
export function vitestCheck(root: string, project: string, name: string, timeoutMs: number): Check {
  return {
    name,
    run: async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'darkroom-vitest-'));
      try {
        const report = path.join(folder, 'report.json');
        const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
        const { code, output } = await runCommand('vitest', args, { cwd: root, env: { NO_COLOR: '1', CI: 'true' }, timeoutMs });
        const text = await readFile(report, 'utf8').catch(() => undefined);
        return countTests(text === undefined ? undefined : (JSON.parse(text) as VitestReport), code, output);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** What of vitest's JSON report is read. */
export interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
}

/** Sums a report up; a file that could not even load, and a run that failed for any other reason, count as failures too. */
export function countTests(report: VitestReport | undefined, code: number, detail: string): Outcome {
  if (report === undefined) return { passed: 0, failed: 1, detail };
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  ).length;
  const counted = report.numFailedTests + brokenFiles;
  const failed = code !== 0 && counted === 0 ? 1 : counted;
  const note = report.numPendingTests > 0 ? `${report.numPendingTests} skipped` : undefined;
  return { passed: report.numPassedTests, failed, detail, note };
}
