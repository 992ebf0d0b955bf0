import type { Decision, OperatorAct, ReviewAct } from '@darkroom/contracts';
import type { AuditEntryBody, DecisionBody, OperatorActBody, ReviewActBody } from '@darkroom/contracts/admin';
import type { LogRow } from './audit-log.js';
import { readEntry } from './entry-facts.js';

/** An entry as the admin API shows it. */
export function viewEntry({ sequence, id, at, kind, entry, hash }: LogRow): AuditEntryBody {
  const { decision, review, policy, operator } = readEntry(entry) ?? {};
  return {
    sequence,
    id,
    kind,
    at: at.toISOString(),
    hash: hash.toString('hex'),
    ...(decision && { decision: viewDecision(decision) }),
    ...(review && { review: viewAct(review) }),
    ...(policy && { policy: { tenant: policy.tenantId, act: policy.act, author: policy.actor, digest: policy.digest || null } }),
    ...(operator && { operator: viewOperatorAct(operator) }),
  };
}

/** A decision as the admin API shows it. */
export function viewDecision(decision: Decision): DecisionBody {
  return {
    tenant: decision.tenantId,
    key: decision.keyId,
    generation_id: decision.generationId,
    stage: decision.stage,
    image: decision.image,
    level: decision.level,
    action: decision.action,
    category: decision.category || null,
    reason: decision.reason || null,
    scores: decision.scores,
    classifiers: decision.classifiers,
    calibration: decision.calibration || null,
    policy_version: decision.policyVersion,
    policy_digest: decision.policyDigest,
    latency_ms: decision.latencyMs,
    content_hmac: decision.contentHmac,
  };
}

/** Something done in a review as the admin API shows it. */
export function viewAct(act: ReviewAct): ReviewActBody {
  return {
    decision_id: act.decisionId,
    tenant: act.tenantId,
    generation_id: act.generationId || null,
    act: act.act,
    reviewer: act.actor || null,
    text_sha256: act.textSha256 || null,
  };
}

/** Something that an operator did as the admin API shows it. */
export function viewOperatorAct({ operator, role, via, action, subject, outcome, facts }: OperatorAct): OperatorActBody {
  const known = Object.fromEntries(facts.map(({ name, value }) => [name, value]));
  return { name: operator, role, via, action, subject: subject || null, outcome, facts: known };
}
