import { type Caption, type Kind, kinds } from './captions.js';
import type { Seen } from './judge.js';
import { type Share, wilson } from './statistics.js';

/** What is asked of a picture, in the order of every table. */
export const aspects = ['subject', 'colour', 'background', 'count', 'position', 'everything'] as const;

/** One question about a picture. */
export type Aspect = (typeof aspects)[number];

/** The answers about one picture; an aspect that the caption doesn't ask for is absent. */
export type Marks = Readonly<Partial<Record<Aspect, boolean>>>;

/** A caption, the seed of its picture, what the judge saw and how that compares. */
export interface Verdict {
  readonly caption: Caption;
  readonly seed: number;
  readonly seen: Seen;
  readonly marks: Marks;
}

/** Shares per kind of caption, and over all captions, of those aspects that were asked. */
export type Alignment = Readonly<Record<Kind | 'all', Readonly<Partial<Record<Aspect, Share>>>>>;

/**
 * Compares what a caption asks for with what was seen.
 *
 * - subject: each named subject in its place;
 * - colour: each named colour in its place;
 * - background, where one is named;
 * - count, of several of a kind: that number of places is taken;
 * - position, of pairs: two subjects in the relation asked for, each in its own place, known by its name or, where the caption names two
 *   different colours, by its colour;
 * - everything: all of these at once, and no second subject where one is asked for.
 */
export function mark({ facts, kind }: Caption, seen: Seen): Marks {
  const layout = seen.layout === facts.layout;
  const first = seen.first === facts.first;
  const second = facts.second === null || (layout && seen.second === facts.second);
  const firstColour = facts.firstColour === null ? undefined : seen.firstColour === facts.firstColour;
  const secondColour = facts.secondColour === null ? undefined : layout && seen.secondColour === facts.secondColour;
  const named = [firstColour, secondColour].filter((answer) => answer !== undefined);
  const colour = named.length === 0 ? undefined : named.every(Boolean);
  const background = facts.background === null ? undefined : seen.background === facts.background;
  const telling = facts.firstColour !== null && facts.secondColour !== null && facts.firstColour !== facts.secondColour;
  // Where both are of a kind, only the colours tell which is which.
  const byName = facts.first !== facts.second && first && second;
  return {
    subject: first && second,
    ...(colour !== undefined && { colour }),
    ...(background !== undefined && { background }),
    ...(kind === 'count' && { count: layout }),
    ...(kind === 'pair' && { position: layout && (byName || (telling && colour === true)) }),
    everything: layout && first && second && colour !== false && background !== false,
  };
}

/** Sums verdicts up. */
export function summarise(verdicts: readonly Verdict[]): Alignment {
  const rows = [...kinds, 'all' as const].map((row) => {
    const marks = verdicts.filter(({ caption }) => row === 'all' || caption.kind === row).map((verdict) => verdict.marks);
    return [row, Object.fromEntries(aspects.flatMap((aspect) => shareOf(aspect, marks)))] as const;
  });
  return Object.fromEntries(rows) as unknown as Alignment;
}

function shareOf(aspect: Aspect, marks: readonly Marks[]): readonly (readonly [Aspect, Share])[] {
  const answers = marks.map((one) => one[aspect]).filter((answer) => answer !== undefined);
  return answers.length === 0 ? [] : [[aspect, wilson(answers.filter(Boolean).length, answers.length)]];
}
