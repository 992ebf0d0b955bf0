import { blocksAlways, type HarmCategory, harmCategories, type Severity, type Verdict } from '@darkroom/contracts';

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

/** What judged. */
export interface Judges {
  readonly classifiers: readonly string[];
  readonly policyVersion: string;
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
  const refused = new Set(
    findings
      .filter((finding) => blocksAlways(finding) || finding.severity >= (refuseAt[finding.category] ?? Number.POSITIVE_INFINITY))
      .map(({ category }) => category),
  );
  return {
    allowed: refused.size === 0,
    category: harmCategories.find((category) => refused.has(category)) ?? '',
    scores: findings.map(({ category, score, severity, reason }) => ({ category, score, severity, reason })),
    classifiers: [...judges.classifiers],
    policyVersion: judges.policyVersion,
  };
}
