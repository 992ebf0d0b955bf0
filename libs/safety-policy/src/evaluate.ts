import { blocksAlways, type HarmCategory, harmCategories, isHarmCategory } from '@darkroom/contracts';
import type { ModerationLevel } from '@darkroom/contracts/http';
import { type PolicyDocument, ruleFor, type Stage } from './policy-document.js';
import { type Action, actionAt, actions } from './rule.js';

/** What a classifier makes of one category. */
export interface Finding {
  readonly category: string;
  /** How sure the classifier is, between 0 and 1. */
  readonly score: number;
  /** How grave it is, 0 to 3; 0 when the classifier is not sure enough of it. */
  readonly severity: number;
  /** Category and rule, for instance `sexual.real_person`; empty when nothing was found. */
  readonly reason: string;
}

/** Where and for whom content was judged. */
export interface Judged {
  readonly stage: Stage;
  readonly level: ModerationLevel;
}

/** What is done, and why. */
export interface Outcome {
  readonly action: Action;
  /** The gravest category, in the taxonomy's order, that asked for the action; absent where nothing is done. */
  readonly category: HarmCategory | undefined;
  /** The finding's reason. */
  readonly reason: string;
}

/**
 * Decides what is done about what was found: the strongest action that any finding asks for.
 *
 * Child safety and sexualised real people are blocked whatever the policy says.
 *
 * @throws TypeError when a finding is of no known category, or its score or severity is no number in its range: nothing is known then,
 *   and nothing may be allowed.
 */
export function evaluate(findings: readonly Finding[], policy: PolicyDocument, { stage, level }: Judged): Outcome {
  const asked = findings.map((finding) => {
    const { category, severity, reason } = checked(finding);
    const action = blocksAlways(finding) ? 'block' : actionAt(ruleFor(policy, stage, category, level), severity);
    return { action, category, reason };
  });
  const rank = ({ action, category }: (typeof asked)[number]) =>
    actions.indexOf(action) * harmCategories.length - harmCategories.indexOf(category);
  const [first] = asked.toSorted((one, other) => rank(other) - rank(one));
  return first === undefined || first.action === 'allow' ? { action: 'allow', category: undefined, reason: '' } : first;
}

function checked({ category, score, severity, reason }: Finding) {
  if (!isHarmCategory(category)) throw new TypeError(`"${category}" is no harm category`);
  if (!(score >= 0 && score <= 1)) throw new TypeError(`the score of ${category} is ${score}, not between 0 and 1`);
  if (![0, 1, 2, 3].includes(severity)) throw new TypeError(`the severity of ${category} is ${severity}, not 0 to 3`);
  return { category, severity, reason };
}
