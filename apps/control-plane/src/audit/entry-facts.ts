import { AuditEntry } from '@darkroom/contracts';
import type { auditLog } from '../database/schema.js';

/** What the table repeats of an entry, to look for it by. */
export type EntryFacts = Omit<typeof auditLog.$inferSelect, 'sequence' | 'entry' | 'hash'>;

/** Reads an entry; undefined when it is none, or tells of something that this version doesn't know. */
export function readEntry(bytes: Uint8Array): AuditEntry | undefined {
  try {
    const entry = AuditEntry.decode(bytes);
    return entry.id === '' || (entry.decision ?? entry.review ?? entry.policy ?? entry.operator) === undefined
      ? undefined
      : entry;
  } catch {
    return undefined;
  }
}

/**
 * Tells what the table repeats of an entry.
 *
 * @param place names an entry that can't be read.
 */
export function factsOf(bytes: Uint8Array, place: string): EntryFacts {
  const entry = readEntry(bytes);
  if (entry === undefined) return { ...nothing, id: place, at: new Date(0), kind: 'unreadable' };
  const { id, decision, review, policy, operator } = entry;
  const at = new Date(entry.atMs);
  if (review !== undefined) {
    const { tenantId, generationId, act: action, decisionId: subject } = review;
    return { ...nothing, id, at, kind: 'review', tenantId, generationId, action, subject };
  }
  if (policy !== undefined) {
    const { tenantId, act: action, digest: subject } = policy;
    return { ...nothing, id, at, kind: 'policy', tenantId, action, subject };
  }
  if (operator !== undefined) {
    const { action, subject } = operator;
    return { ...nothing, id, at, kind: 'operator', action, subject };
  }
  const { tenantId = '', generationId = '', stage = '', action = '', category = '' } = decision ?? {};
  return { ...nothing, id, at, kind: 'decision', tenantId, generationId, stage, action, category };
}

const nothing = { tenantId: '', generationId: '', stage: '', action: '', category: '', subject: '' };
