import type { PolicyDocumentBody, policyStages, RuleBody } from '@darkroom/contracts/admin';
import type { HarmCategory } from '@darkroom/contracts/http';

/** What is done about a category at a stage, and what else for requests at the level `low`. */
export type CategoryRule = PolicyDocumentBody['stages']['prompt'][HarmCategory];

/** Where a policy has a rule. */
export interface Place {
  readonly stage: (typeof policyStages)[number];
  readonly category: HarmCategory;
}

/** What a rule can do, from the mildest. */
export const ruleActions = ['warn', 'blur', 'block'] as const satisfies readonly (keyof RuleBody)[];

/** A rule in words: from which severity on each thing is done. */
export function ruleInWords(rule: RuleBody): string {
  const parts = ruleActions.flatMap((action) => (rule[action] === undefined ? [] : [`${action} from ${rule[action]}`]));
  return parts.length === 0 ? 'allow' : parts.join(', ');
}

/** Sets from which severity on something is done; undefined for never. */
export function withAction<Rule extends RuleBody>(rule: Rule, action: keyof RuleBody, severity: number | undefined): Rule {
  const { [action]: _, ...rest } = rule;
  return (severity === undefined ? rest : { ...rest, [action]: severity }) as Rule;
}

/** Gives a document another rule in one place. */
export function withRule(document: PolicyDocumentBody, { stage, category }: Place, rule: CategoryRule): PolicyDocumentBody {
  return { ...document, stages: { ...document.stages, [stage]: { ...document.stages[stage], [category]: rule } } };
}

/** Tells whether two documents have the same rule in one place. */
export function isSameRule(one: CategoryRule, other: CategoryRule): boolean {
  return ruleInWords(one) === ruleInWords(other) && lowInWords(one) === lowInWords(other);
}

/** What differs at the level `low`, in words; empty where nothing does. */
export function lowInWords({ low }: CategoryRule): string {
  return low === undefined ? '' : `at low: ${ruleInWords(low)}`;
}
