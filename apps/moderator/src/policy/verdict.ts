import { blocksAlways, type HarmCategory, harmCategories, type Severity, type Verdict } from '@darkroom/contracts';
import type { ModerationLevel } from '@darkroom/contracts/http';

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

/** The least severity of each category that refuses; a category without one is only reported. */
export type RefusedSeverities = Readonly<Partial<Record<HarmCategory, number>>>;

/** What judged, and how strictly. */
export interface Judges {
  readonly classifiers: readonly string[];
  readonly policy: { readonly version: string; readonly digest: string };
  readonly level: ModerationLevel;
}

/**
 * Decides: a finding as grave as its category's limit refuses, and so does one that no policy may let through. Of several, the one
 * whose category comes first in the taxonomy gives the refusal its name.
 *
 * @throws TypeError when a score is no number between 0 and 1, for then nothing is known and nothing may be allowed.
 */
export function decide(findings: readonly Finding[], refuseAt: RefusedSeverities, judges: Judges): Verdict {
  for (const { category, score } of findings) {
    if (!(score >= 0 && score <= 1)) throw new TypeError(`the score of ${category} is ${score}, not between 0 and 1`);
  }
  const refusing = findings.filter(
    (finding) => blocksAlways(finding) || finding.severity >= (refuseAt[finding.category] ?? Number.POSITIVE_INFINITY),
  );
  const category = harmCategories.find((one) => refusing.some((finding) => finding.category === one)) ?? '';
  const gravest = refusing.find((finding) => finding.category === category);
  return {
    allowed: category === '',
    category,
    scores: findings.map(({ category: of, score, severity, reason }) => ({ category: of, score, severity, reason })),
    classifiers: [...judges.classifiers],
    policyVersion: judges.policy.version,
    policyDigest: judges.policy.digest,
    calibration: '',
    action: category === '' ? 'allow' : 'block',
    reason: gravest?.reason ?? '',
    decisionId: '',
    level: judges.level,
  };
}
