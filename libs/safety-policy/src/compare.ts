import { evaluate, type Finding, type Judged } from './evaluate.js';
import type { PolicyDocument, Stage } from './policy-document.js';
import type { Action } from './rule.js';

/** A decision as it is kept: what was found, and where. What was judged is not kept. */
export interface StoredDecision extends Judged {
  readonly id: string;
  readonly findings: readonly Finding[];
}

/** What another policy would have done otherwise, of one kind. */
export interface Change {
  readonly stage: Stage;
  /** The category that asks for the stronger of the two actions. */
  readonly category: string;
  readonly from: Action;
  readonly to: Action;
  readonly count: number;
  /** Some of the decisions, by id. */
  readonly examples: readonly string[];
}

/** What a change of policy would have changed. */
export interface Comparison {
  readonly decisions: number;
  readonly changed: number;
  /** The most frequent first. */
  readonly changes: readonly Change[];
}

const mostExamples = 5;

/**
 * Judges stored decisions anew by two policies, and tells what differs.
 *
 * A policy's exemptions are not replayed: they take words out of prompts, and no prompt is kept.
 */
export function compare(decisions: Iterable<StoredDecision>, before: PolicyDocument, after: PolicyDocument): Comparison {
  const changes = new Map<string, Change>();
  let all = 0;
  let changed = 0;
  for (const decision of decisions) {
    all += 1;
    const [old, now] = [before, after].map((policy) => evaluate(decision.findings, policy, decision)) as [
      ReturnType<typeof evaluate>,
      ReturnType<typeof evaluate>,
    ];
    if (old.action === now.action) continue;
    changed += 1;
    const category = (now.category ?? old.category) as string;
    const kind = { stage: decision.stage, category, from: old.action, to: now.action };
    const key = JSON.stringify(kind);
    const { count = 0, examples = [] } = changes.get(key) ?? {};
    changes.set(key, { ...kind, count: count + 1, examples: [...examples, decision.id].slice(0, mostExamples) });
  }
  return { decisions: all, changed, changes: [...changes.values()].sort((one, other) => other.count - one.count) };
}
