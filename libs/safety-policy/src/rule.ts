import { z } from 'zod';

/** What can be done about content, from nothing to refusing it. */
export const actions = ['allow', 'warn', 'blur', 'block'] as const;

/**
 * One thing that is done: `warn` lets it pass and says so, `blur` delivers images blurred until a reviewer has looked at them, `block`
 * refuses.
 */
export type Action = (typeof actions)[number];

/** Gives the stronger of two actions. */
export function stronger(one: Action, other: Action): Action {
  return actions.indexOf(one) > actions.indexOf(other) ? one : other;
}

const severity = z.int('must be 1, 2 or 3').min(1, 'must be 1, 2 or 3').max(3, 'must be 1, 2 or 3').optional();

/** What is done about a category: the least severity from which on each action is taken; an absent one never is. */
export const rule = z.strictObject({ warn: severity, blur: severity, block: severity });

/** What is done about a category. */
export type Rule = z.output<typeof rule>;

/** Gives what a rule does about a severity, 0 to 3: the strongest of the actions that it takes there. */
export function actionAt({ warn = 4, blur = 4, block = 4 }: Rule, found: number): Action {
  if (found >= block) return 'block';
  if (found >= blur) return 'blur';
  return found >= warn ? 'warn' : 'allow';
}

/** Tells whether a rule does at least as much as another about every severity. */
export function isAsStrictAs(one: Rule, other: Rule): boolean {
  return [1, 2, 3].every((found) => stronger(actionAt(one, found), actionAt(other, found)) === actionAt(one, found));
}
