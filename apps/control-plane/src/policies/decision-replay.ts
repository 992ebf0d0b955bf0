import { type Decision, moderationStages } from '@darkroom/contracts';
import { moderationLevels } from '@darkroom/contracts/http';
import {
  type Comparison,
  compare,
  evaluate,
  type Judged,
  type PolicyDocument,
  policyStage,
  type StoredDecision,
} from '@darkroom/safety-policy';
import { Injectable } from '@nestjs/common';
import { AuditLog, type LogRow } from '../audit/audit-log.js';
import { readEntry } from '../audit/entry-facts.js';
import { PolicyRepository } from './policy.repository.js';

/** Entries read at a time. */
const PAGE = 500;

/** Decisions that a preview looks at, the newest ones: each is kept in memory meanwhile. */
const MOST_PREVIEWED = 20_000;

/** Ids that are told of decisions that came out otherwise. */
const MOST_EXAMPLES = 20;

/** What came of making decisions again. */
export interface Replay {
  readonly decisions: number;
  readonly same: number;
  readonly different: number;
  /** Those whose policy is not known any more. */
  readonly unknown_policy: number;
  /** Ids of some that came out otherwise. */
  readonly examples: readonly string[];
}

/** What a policy would have changed, and whether all decisions of the time were looked at. */
export type Preview = Comparison & { readonly complete: boolean };

/** Makes decisions again from what the log has of them: the same findings and policy must come to the same. */
@Injectable()
export class DecisionReplay {
  private readonly log: AuditLog;
  private readonly policies: PolicyRepository;

  constructor(log: AuditLog, policies: PolicyRepository) {
    this.log = log;
    this.policies = policies;
  }

  /** Makes every decision of the log again, by the policy that it was made by. */
  async all(): Promise<Replay> {
    const policies = new Map<string, PolicyDocument | undefined>();
    const examples: string[] = [];
    let [decisions, same, different, unknown] = [0, 0, 0, 0];
    for (let last = 0; ; ) {
      const rows = await this.log.after(last, PAGE);
      for (const { id, entry } of rows) {
        const decision = readEntry(entry)?.decision;
        if (decision === undefined) continue;
        decisions += 1;
        const { policyDigest } = decision;
        if (!policies.has(policyDigest)) policies.set(policyDigest, await this.policies.find(policyDigest));
        const policy = policies.get(policyDigest);
        if (policy === undefined) unknown += 1;
        else if (comesToTheSame(decision, policy)) same += 1;
        else {
          different += 1;
          if (examples.length < MOST_EXAMPLES) examples.push(id);
        }
      }
      const end = rows.at(-1)?.sequence;
      if (end === undefined) return { decisions, same, different, unknown_policy: unknown, examples };
      last = end;
    }
  }

  /** Tells what a policy would have changed for a tenant since a moment, against another one. */
  async preview(tenantId: string, since: Date, before: PolicyDocument, after: PolicyDocument): Promise<Preview> {
    const found: StoredDecision[] = [];
    for (let last: number | undefined; found.length < MOST_PREVIEWED; ) {
      const rows: LogRow[] = await this.log.list({ kind: 'decision', tenantId, since, before: last, limit: PAGE });
      found.push(...rows.flatMap(storedDecision));
      last = rows.at(-1)?.sequence;
      if (rows.length < PAGE) return { ...compare(found, before, after), complete: true };
    }
    return { ...compare(found, before, after), complete: false };
  }
}

function storedDecision({ id, entry }: LogRow): StoredDecision[] {
  const decision = readEntry(entry)?.decision;
  const judged = decision && judgedAs(decision);
  return judged === undefined ? [] : [{ id, findings: decision?.scores ?? [], ...judged }];
}

function comesToTheSame(decision: Decision, policy: PolicyDocument): boolean {
  const judged = judgedAs(decision);
  if (judged === undefined) return false;
  try {
    const { action, category, reason } = evaluate(decision.scores, policy, judged);
    return action === decision.action && (category ?? '') === decision.category && reason === decision.reason;
  } catch {
    // No decision can have come of findings that are none.
    return false;
  }
}

function judgedAs({ stage, level }: Decision): Judged | undefined {
  const at = moderationStages.find((known) => known === stage);
  const as = moderationLevels.find((known) => known === level);
  return at === undefined || as === undefined ? undefined : { stage: policyStage(at), level: as };
}
