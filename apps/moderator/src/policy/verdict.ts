import type { Verdict } from '@darkroom/contracts';
import type { Policy } from './policy.js';

/** How sure a classifier is of one category, and how sure it must be to refuse; without a threshold the score is only reported. */
export interface Finding {
  readonly category: string;
  /** Between 0 and 1. */
  readonly score: number;
  readonly threshold?: number;
}

/**
 * Decides: the first finding at or above its threshold refuses, and gives the refusal its category.
 *
 * @throws TypeError when a score is no number between 0 and 1, for then nothing is known and nothing may be allowed.
 */
export function decide(findings: readonly Finding[], classifiers: readonly string[], policy: Policy): Verdict {
  for (const { category, score } of findings) {
    if (!(score >= 0 && score <= 1)) throw new TypeError(`the score of ${category} is ${score}, not between 0 and 1`);
  }
  const refusal = findings.find(({ score, threshold }) => threshold !== undefined && score >= threshold);
  return {
    allowed: refusal === undefined,
    category: refusal?.category ?? '',
    scores: findings.map(({ category, score }) => ({ category, score })),
    classifiers: [...classifiers],
    policyVersion: policy.version,
  };
}
