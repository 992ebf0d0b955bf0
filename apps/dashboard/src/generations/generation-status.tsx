import type { AdminGenerationBody, JournalStatus } from '@darkroom/contracts/admin';
import { Badge, type Tone } from '../components/badge.js';

const words: Readonly<Record<JournalStatus, readonly [Tone, string]>> = {
  accepted: ['plain', 'waiting'],
  running: ['busy', 'running'],
  succeeded: ['good', 'succeeded'],
  failed: ['bad', 'failed'],
  cancelled: ['plain', 'cancelled'],
  withdrawn: ['plain', 'withdrawn'],
};

/** Tells whether nothing will happen to a generation any more. */
export function hasEnded({ status }: Pick<AdminGenerationBody, 'status'>): boolean {
  return status !== 'accepted' && status !== 'running';
}

/** How a generation stands. */
export function GenerationStatus({ generation }: { generation: AdminGenerationBody }) {
  const isCancelling = generation.cancel_requested_at !== null && !hasEnded(generation);
  const [tone, word] = isCancelling ? (['warn', 'being cancelled'] as const) : words[generation.status];
  return <Badge tone={tone}>{word}</Badge>;
}
