import type { ReactNode } from 'react';

/** How something stands: the words say it, the colour only helps. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'plain';

/** A word or two on how something stands. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`badge ${tone}`}>{children}</span>;
}
