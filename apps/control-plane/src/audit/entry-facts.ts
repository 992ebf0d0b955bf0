import { AuditEntry } from '@darkroom/contracts';
import type { auditLog } from '../database/schema.js';

/** What the table repeats of an entry, to look for it by. */
export type EntryFacts = Omit<typeof auditLog.$inferSelect, 'sequence' | 'entry' | 'hash'>;

/** Reads an entry; undefined when it is none, or tells of something that this version doesn't know. */
export function readEntry(bytes: Uint8Array): AuditEntry | undefined {
  try {
    const entry = AuditEntry.decode(bytes);
    return entry.id === '' || entry.decision === undefined ? undefined : entry;
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
  const { tenantId = '', generationId = '', stage = '', action = '', category = '' } = entry?.decision ?? {};
  const found = { tenantId, generationId, stage, action, category };
  if (entry === undefined) return { id: place, at: new Date(0), kind: 'unreadable', ...found };
  return { id: entry.id, at: new Date(entry.atMs), kind: 'decision', ...found };
}
