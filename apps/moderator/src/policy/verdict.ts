import type { HarmCategory, ModerationStage, Severity, Verdict } from '@darkroom/contracts';
import type { ModerationLevel } from '@darkroom/contracts/http';
import { evaluate, policyStage } from '@darkroom/safety-policy';
import type { ActivePolicy } from './policies.js';

/** What a classifier makes of one category. */
export interface Finding {
  readonly category: HarmCategory;
  /** How sure the classifier is, between 0 and 1. */
  readonly score: number;
  /** How grave it is; 0 when the classifier is not sure enough of it. */
  readonly severity: Severity;
  /** Category and rule, for instance `sexual.real_person`; empty when nothing was found. */
  readonly reason: string;
}

/** What was judged, by whom, and how strictly. */
export interface Judged {
  readonly stage: ModerationStage;
  readonly level: ModerationLevel;
  readonly classifiers: readonly string[];
  /** Thresholds of the classifiers that have some. */
  readonly calibrations: readonly string[];
}

/**
 * Gives the verdict that a policy comes to about what was found.
 *
 * @throws TypeError when a finding is not one, as {@link evaluate} says: nothing is known then, and nothing may be allowed.
 */
export function verdictOf(
  findings: readonly Finding[],
  policy: ActivePolicy,
  { stage, level, classifiers, calibrations }: Judged,
): Verdict {
  const { action, category, reason } = evaluate(findings, policy.document, { stage: policyStage(stage), level });
  return {
    allowed: action !== 'block',
    category: category ?? '',
    scores: findings.map((finding) => ({ ...finding })),
    classifiers: [...classifiers],
    policyVersion: policy.document.version,
    policyDigest: policy.digest,
    calibration: calibrations.join('; '),
    action,
    reason,
    decisionId: '',
    level,
  };
}
