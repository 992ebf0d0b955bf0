import { describe, expect, it } from 'vitest';
import { countUnittest } from './training.js';
import { countTests, type VitestReport } from './vitest.js';

function report(numbers: Partial<VitestReport>): VitestReport {
  return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [], ...numbers };
}

describe('countTests', () => {
  it('counts what passed and what failed', () => {
    const testResults = [{ status: 'failed', assertionResults: [{ status: 'passed' }, { status: 'failed' }] }];
    expect(countTests(report({ numPassedTests: 5, numFailedTests: 1, testResults }), 1, 'log')).toMatchObject({
      passed: 5,
      failed: 1,
    });
  });

  it('counts a file that could not load as a failure', () => {
    const testResults = [{ status: 'failed', assertionResults: [] }];
    expect(countTests(report({ numPassedTests: 5, testResults }), 1, 'log')).toMatchObject({ passed: 5, failed: 1 });
  });

  it('counts a run that failed for another reason, and one without a report, as failures', () => {
    expect(countTests(report({ numPassedTests: 5 }), 1, 'log')).toMatchObject({ passed: 5, failed: 1 });
    expect(countTests(undefined, 0, 'log')).toEqual({ passed: 0, failed: 1, detail: 'log' });
  });

  it('tells of skipped tests', () => {
    expect(countTests(report({ numPassedTests: 5, numPendingTests: 2 }), 0, '').note).toBe('2 skipped');
  });
});

describe('countUnittest', () => {
  it('reads the sums that Python prints', () => {
    expect(countUnittest(0, '....\nRan 4 tests in 0.1s\n\nOK\n')).toMatchObject({ passed: 4, failed: 0 });
    expect(countUnittest(0, 'Ran 4 tests in 0.1s\n\nOK (skipped=1)\n')).toMatchObject({
      passed: 3,
      failed: 0,
      note: '1 skipped',
    });
    expect(countUnittest(1, 'Ran 9 tests in 0.1s\n\nFAILED (failures=1, errors=2)\n')).toMatchObject({ passed: 6, failed: 3 });
  });

  it('counts a run that broke before its sums as a failure', () => {
    expect(countUnittest(1, 'SyntaxError')).toMatchObject({ passed: 0, failed: 1 });
  });
});
