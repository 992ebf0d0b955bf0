import { AuditEntry, Decision, newDecisionId } from '@darkroom/contracts';
import type { Database } from '../database/database.provider.js';
import { sql } from '../database/drizzle.js';

/** Makes an entry; what differs from a prompt that was allowed is given. */
export function decisionEntry(differing: Partial<Decision> = {}, atMs = Date.now()): AuditEntry {
  const decision = Decision.fromPartial({
    tenantId: 'ten_1',
    keyId: 'key_1',
    generationId: 'gen_1',
    stage: 'prompt',
    level: 'auto',
    action: 'allow',
    scores: [{ category: 'sexual', score: 0, severity: 0, reason: '' }],
    classifiers: ['rules 1'],
    policyVersion: '1',
    policyDigest: 'sha256:1',
    latencyMs: 1.5,
    contentHmac: 'ab'.repeat(32),
    ...differing,
  });
  return { id: newDecisionId(), atMs, decision, review: undefined, policy: undefined, operator: undefined };
}

/** The entry's bytes, as they wait in Redis. */
export function waiting(entry: AuditEntry): { bytes: Uint8Array; place: string } {
  return { bytes: AuditEntry.encode(entry).finish(), place: entry.id };
}

/** Changes what the database has as somebody would who owns it: without the trigger that refuses. */
export async function tamper(database: Database, change: string): Promise<void> {
  await database.run(async (queries) => {
    for (const statement of [
      'alter table audit_log disable trigger audit_log_is_append_only',
      change,
      'alter table audit_log enable trigger audit_log_is_append_only',
    ]) {
      await queries.execute(sql.raw(statement));
    }
  });
}
