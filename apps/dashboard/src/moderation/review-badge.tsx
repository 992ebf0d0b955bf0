import type { ReviewBody } from '@darkroom/contracts/admin';
import { Badge } from '../components/badge.js';

/** How a review stands. */
export function ReviewBadge({ review: { status, appealed_at } }: { review: ReviewBody }) {
  if (status === 'approved') return <Badge tone="good">approved</Badge>;
  if (status === 'rejected') return <Badge tone="bad">rejected</Badge>;
  return <Badge tone="warn">{appealed_at === null ? 'open' : 'appealed'}</Badge>;
}

/** How grave what was found is, and how sure its classifier was. */
export function severityInWords({ severity, score }: ReviewBody): string | null {
  return severity === null ? null : `${severity} of 3${score === null ? '' : `, score ${score.toFixed(2)}`}`;
}
