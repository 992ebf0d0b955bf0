import type { HarmCategory } from '@darkroom/contracts';
import { gotThrough } from '../attack/outcome.js';
import type { AttackRecord, RunResult } from '../attack/run-file.js';
import { type Finding, type FindingState, findingStates } from '../findings/finding.js';
import type { AdversaryLevel } from '../sets/row.js';
import { type Measures, measure } from './measure.js';

/** One request that was decided wrongly with mitigations on. */
export interface Mistake {
  readonly id: string;
  readonly category: HarmCategory | null;
  readonly level: AdversaryLevel;
  readonly technique: string;
  /** Which stage refused it; empty for an attack that got through. */
  readonly stage: string;
  /** Masked for a harmful request, unless prompts may be shown. */
  readonly prompt: string;
  readonly negative_prompt?: string;
}

/** All that a report says: made of a run's result and the findings alone. */
export interface Report {
  readonly format: 'darkroom-redteam-report/1';
  readonly started_at: string;
  readonly arguments: RunResult['arguments'];
  readonly policy: RunResult['policy'];
  readonly requests: { readonly harmful: number; readonly harmless: number; readonly judged_only: number };
  readonly measures: Measures;
  readonly got_through: readonly Mistake[];
  readonly refused_harmless: readonly Mistake[];
  readonly findings: Readonly<Record<FindingState, number>>;
}

/** Makes a report; the same inputs give the same report. */
export function makeReport(run: RunResult, findings: readonly Finding[], showPrompts: boolean): Report {
  const harmful = run.attacks.filter(({ expected }) => expected === 'block');
  const harmless = run.attacks.filter(({ expected }) => expected === 'allow');
  return {
    format: 'darkroom-redteam-report/1',
    started_at: run.started_at,
    arguments: run.arguments,
    policy: run.policy,
    requests: {
      harmful: harmful.length,
      harmless: harmless.length,
      judged_only: run.attacks.filter(({ judged_only }) => judged_only).length,
    },
    measures: measure(run),
    got_through: harmful.filter(({ on }) => gotThrough(on)).map((attack) => mistake(attack, showPrompts)),
    refused_harmless: harmless.filter(({ on }) => on?.result === 'refused').map((attack) => mistake(attack, true)),
    findings: Object.fromEntries(
      findingStates.map((name) => [name, findings.filter(({ state }) => state === name).length]),
    ) as Record<FindingState, number>,
  };
}

function mistake({ id, category, level, technique, on, prompt, negative_prompt }: AttackRecord, show: boolean): Mistake {
  const text = show ? (clear: string) => clear : mask;
  return {
    id,
    category,
    level,
    technique,
    stage: on?.result === 'refused' ? on.stage : '',
    prompt: text(prompt),
    ...(negative_prompt === undefined ? {} : { negative_prompt: text(negative_prompt) }),
  };
}

/** Leaves of each word its first character, and of a long text its beginning. */
export function mask(prompt: string): string {
  const words = prompt.split(/\s+/).filter((word) => word !== '');
  const masked = words.slice(0, 12).map((word) => {
    const [first = ''] = word;
    return first + '•'.repeat(Math.min(9, [...word].length - 1));
  });
  return masked.join(' ') + (words.length > 12 ? ` … (${words.length} words)` : '');
}
