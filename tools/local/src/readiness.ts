import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;
const REQUEST_MS = 2000;

/** Something that will become ready, and how to ask it. */
export interface Awaited {
  readonly name: string;
  /** Resolves to undefined when ready, else to what is missing, in words. */
  readonly problem: () => Promise<string | undefined>;
}

/** Takes the reasons out of a /readyz answer, `{"missing": {"model": "why"}}`; any other text is its own reason. */
function reasons(text: string): string {
  try {
    const { missing } = JSON.parse(text) as { missing?: Record<string, string> };
    if (missing !== undefined) return Object.values(missing).join('; ');
  } catch {
    // Not JSON: shown as it is.
  }
  return text.trim();
}

/** Asks a service's /readyz; resolves to undefined when it's ready, else to the reasons it gives. */
export async function httpProblem(baseUrl: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${baseUrl}/readyz`, { signal: AbortSignal.timeout(REQUEST_MS) });
    const text = await response.text();
    return response.ok ? undefined : reasons(text) || `answers ${response.status}`;
  } catch {
    return 'does not answer yet';
  }
}

/**
 * Waits until all are ready.
 * @param onWait told every few seconds who isn't ready and why.
 * @returns the problems that remained when time was up; empty when all are ready.
 */
export async function awaitReady(
  all: readonly Awaited[],
  options: { timeoutMs: number; signal: AbortSignal; onWait: (problems: ReadonlyMap<string, string>) => void },
): Promise<ReadonlyMap<string, string>> {
  const startedAt = Date.now();
  let told = startedAt;
  let waiting = [...all];
  const problems = new Map<string, string>();
  while (waiting.length > 0 && !options.signal.aborted) {
    const answers = await Promise.all(waiting.map(async (one) => ({ one, problem: await one.problem() })));
    for (const { one, problem } of answers) {
      if (problem === undefined) problems.delete(one.name);
      else problems.set(one.name, problem);
    }
    waiting = answers.filter(({ problem }) => problem !== undefined).map(({ one }) => one);
    if (waiting.length === 0 || Date.now() - startedAt > options.timeoutMs) break;
    if (Date.now() - told > 5000) {
      options.onWait(problems);
      told = Date.now();
    }
    await sleep(POLL_MS, undefined, { signal: options.signal }).catch(() => undefined);
  }
  return problems;
}
