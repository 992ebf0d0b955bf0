import type { Check, Outcome } from './check.js';

/** How long a running check stays silent before it shows that it lives, in milliseconds. */
const heartbeatMs = 15_000;

/** Longest report of one failed check that is shown, in lines; its end tells the most. */
const shownLines = 250;

/** Runs checks one after another, showing each as it goes and the words of those that fail; returns the sums. */
export async function runChecks(checks: readonly Check[]): Promise<Pick<Outcome, 'passed' | 'failed'>> {
  let passed = 0;
  let failed = 0;
  for (const [index, check] of checks.entries()) {
    const title = `[${index + 1}/${checks.length}] ${check.name}`;
    const outcome = await runOne(title, check);
    passed += outcome.passed;
    failed += outcome.failed;
  }
  return { passed, failed };
}

async function runOne(title: string, check: Check): Promise<Outcome> {
  const started = Date.now();
  const elapsed = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  console.log(`${title} …`);
  const heartbeat = setInterval(() => console.log(`${title} … ${elapsed()}`), heartbeatMs);
  const outcome = await check
    .run()
    .catch((error: unknown) => ({ passed: 0, failed: 1, detail: describe(error), note: undefined }));
  clearInterval(heartbeat);
  if (outcome.failed > 0) console.log(indent(lastLines(outcome.detail)));
  const note = outcome.note === undefined ? '' : ` (${outcome.note})`;
  console.log(`${title}: ${outcome.passed} passed, ${outcome.failed} failed in ${elapsed()}${note}`);
  return outcome;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function lastLines(text: string): string {
  const lines = text.trimEnd().split('\n');
  if (lines.length <= shownLines) return lines.join('\n');
  return [`… ${lines.length - shownLines} lines before`, ...lines.slice(-shownLines)].join('\n');
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}
