import { LocalError } from '@darkroom/local';
import { z } from 'zod';
import { rowFields, rowSchema } from '../sets/row.js';

/** Where a finding stands in its break-fix cycle. */
export const findingStates = ['open', 'triaged', 'mitigated', 'verified', 'closed', 'accepted'] as const;

/** Where a finding stands in its break-fix cycle. */
export type FindingState = (typeof findingStates)[number];

/**
 * Which states may follow which: forwards step by step, back to open when an attack succeeds again or an acceptance ends, and
 * accepted, for a time, from wherever nothing was mended yet.
 */
export const transitions: Readonly<Record<FindingState, readonly FindingState[]>> = {
  open: ['triaged', 'accepted'],
  triaged: ['mitigated', 'accepted', 'open'],
  mitigated: ['verified', 'open'],
  verified: ['closed', 'open'],
  closed: ['open'],
  accepted: ['open'],
};

const day = z.iso.date();

const changeSchema = z.strictObject({
  at: z.iso.datetime(),
  from: z.enum(findingStates),
  to: z.enum(findingStates),
  note: z.string(),
});

/** The file of one finding, checked. */
export const findingSchema = z.strictObject({
  /** Category and technique. */
  id: z.string().regex(/^[a-z_]+\.[a-z0-9_]+$/, 'expected category.technique'),
  state: z.enum(findingStates),
  /** Last day on which the risk is accepted, in UTC; only of accepted findings. */
  accepted_until: day.optional(),
  /** The gravest of its attacks'. */
  severity: rowFields.severity,
  first_seen: z.iso.datetime(),
  last_seen: z.iso.datetime(),
  /** Attacks that got through; all must be refused before the finding is verified. */
  attacks: z.array(rowSchema).min(1),
  history: z.array(changeSchema),
});

/** One way in which a harm gets through, with attacks that show it, and what was done about it. */
export type Finding = z.output<typeof findingSchema>;

/** What a change of state is made with. */
export interface Move {
  readonly to: FindingState;
  readonly at: Date;
  readonly note: string;
  /** Needed to accept. */
  readonly acceptedUntil?: string | undefined;
}

/**
 * Moves a finding to another state.
 *
 * @throws LocalError when that state may not follow, no reason is given, or a risk would be accepted without an end, or with one that
 *   is no day in the future.
 */
export function move(finding: Finding, { to, at, note, acceptedUntil }: Move): Finding {
  const allowed = transitions[finding.state];
  if (!allowed.includes(to)) {
    throw new LocalError(`${finding.id} is ${finding.state}: next may be ${allowed.join(', ')}, not ${to}.`);
  }
  if (note.trim() === '') throw new LocalError(`Say with --note why ${finding.id} becomes ${to}.`);
  if (to !== 'accepted' && acceptedUntil !== undefined) throw new LocalError('--until is for findings that are accepted.');
  if (to === 'accepted' && !(day.safeParse(acceptedUntil).success && String(acceptedUntil) > dayOf(at))) {
    throw new LocalError('A risk is accepted for a time: give the last day in the future, for instance --until 2027-03-31.');
  }
  const { accepted_until: _, ...rest } = finding;
  return {
    ...rest,
    state: to,
    ...(to === 'accepted' ? { accepted_until: String(acceptedUntil) } : {}),
    history: [...finding.history, { at: at.toISOString(), from: finding.state, to, note }],
  };
}

/** Tells whether an accepted risk is accepted no longer. */
export function hasExpired({ state, accepted_until }: Finding, now: Date): boolean {
  return state === 'accepted' && (accepted_until ?? '') < dayOf(now);
}

function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
