import type { AttackRow } from '../sets/row.js';
import { neverGenerated, type Phase, type PhaseOptions, type RemotePlatform, type Target, withPhase } from './phase.js';
import type { AttackRecord, RunResult } from './run-file.js';

/** What a run needs beside its rows. */
export interface RunOptions extends Omit<PhaseOptions, 'remote'> {
  readonly arguments: RunResult['arguments'];
  /** Platforms to attack; a phase without one gets a private one. */
  readonly remote: Readonly<Partial<Record<Phase, RemotePlatform>>>;
  readonly phases: readonly Phase[];
}

/** Attacks under way at a time: enough to keep a moderator, or a denoiser that makes several pictures at once, busy. */
const CONCURRENCY = 6;

/** Makes every attack in every phase, one phase after the other. */
export async function run(rows: readonly AttackRow[], options: RunOptions): Promise<RunResult> {
  const result: RunResult = {
    format: 'darkroom-redteam/1',
    started_at: new Date().toISOString(),
    arguments: options.arguments,
    policy: {},
    attacks: rows.map((row) => ({ ...row, judged_only: options.promptsOnly || neverGenerated(row) })),
  };
  for (const phase of options.phases) {
    await withPhase(phase, { ...options, remote: options.remote[phase] }, async (target) => {
      if (target.policy !== undefined) result.policy[phase] = { ...target.policy, classifiers: [...target.policy.classifiers] };
      await attackAll(result.attacks, phase, target, options);
    });
  }
  return result;
}

async function attackAll(
  attacks: readonly AttackRecord[],
  phase: Phase,
  target: Target,
  { signal, say }: Pick<RunOptions, 'signal' | 'say'>,
): Promise<void> {
  let [next, done] = [0, 0];
  const worker = async () => {
    for (let attack = attacks[next++]; attack !== undefined; attack = attacks[next++]) {
      signal.throwIfAborted();
      const outcome = await target.attack(attack);
      if (outcome !== undefined) attack[phase] = outcome;
      if (++done % 100 === 0 || done === attacks.length) say(`mitigations ${phase}: ${done}/${attacks.length}`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}
