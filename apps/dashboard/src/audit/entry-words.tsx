import type { AuditEntryBody } from '@darkroom/contracts/admin';
import { Badge, type Tone } from '../components/badge.js';
import { inPlainWords } from '../components/words.js';

/** Who did what, in a few words. */
export function summaryOf({ decision, review, policy, operator }: AuditEntryBody): string {
  if (decision !== undefined) {
    const what = decision.category === null ? '' : `, ${inPlainWords(decision.category)}`;
    return `${inPlainWords(decision.stage)}${what}`;
  }
  if (review !== undefined)
    return review.reviewer === null ? `${review.act} by the tenant` : `${review.act} by ${review.reviewer}`;
  if (policy !== undefined) return `${policy.act} by ${policy.author}`;
  if (operator !== undefined) return `${operator.action} by ${operator.name}`;
  return 'nobody can read this entry';
}

/** Id of what an entry is about, where it has one. */
export function subjectOf({ decision, review, policy, operator }: AuditEntryBody): string | null {
  return decision?.generation_id || review?.decision_id || policy?.tenant || operator?.subject || null;
}

const tones: Readonly<Record<string, Tone>> = {
  allow: 'good',
  warn: 'warn',
  blur: 'warn',
  block: 'bad',
  done: 'good',
  refused: 'warn',
  failed: 'bad',
};

/** What came of it. */
export function Outcome({ entry: { decision, operator, kind } }: { entry: AuditEntryBody }) {
  const word = decision?.action ?? operator?.outcome ?? (kind === 'unreadable' ? 'unreadable' : '');
  return word === '' ? null : <Badge tone={tones[word] ?? 'bad'}>{word}</Badge>;
}
