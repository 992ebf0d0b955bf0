import { type Alignment, type Aspect, aspects, type Verdict } from './alignment.js';
import { type Kind, kinds } from './captions.js';
import type { Diversity } from './diversity.js';
import type { Seen } from './judge.js';
import { type Share, wilson } from './statistics.js';

/** All that an evaluation found: the content of `evaluation.json`. It holds no times, so equal runs give equal bytes. */
export interface Report {
  readonly model: string;
  /** Digest of the whole model, as receipts quote it. */
  readonly digest: string;
  readonly judge: string;
  readonly arguments: {
    readonly perKind: number;
    readonly steps: number;
    readonly guidance: number;
    readonly seeds: number;
    readonly size: string;
  };
  readonly pictures: number;
  readonly headlines: readonly Headline[];
  readonly alignment: Alignment;
  readonly diversity: Diversity;
  /** Mean over real scenes, decibels. */
  readonly reconstructionPsnr: number;
  readonly misjudged: readonly Misjudged[];
}

/** A figure with the goal that was set for it, a share from 0 to 1. */
export interface Headline extends Share {
  readonly name: string;
  readonly goal: number;
}

/** A picture in which the judge missed something that its caption asks for. */
export interface Misjudged {
  readonly id: string;
  readonly caption: string;
  readonly seed: number;
  readonly missed: readonly Aspect[];
  readonly seen: Seen;
}

/** A headline's name and goal, the kinds of caption it sums up, and the question; `core` leaves out objects that are not common. */
interface HeadlineSource {
  readonly name: string;
  readonly goal: number;
  readonly kinds: readonly Kind[];
  readonly aspect: Aspect;
  readonly core?: true;
}

const headlineSources: readonly HeadlineSource[] = [
  { name: 'background colour', goal: 0.95, kinds: ['background', 'shape', 'pair', 'count'], aspect: 'background' },
  { name: 'single object', goal: 0.8, kinds: ['object', 'background'], aspect: 'subject' },
  { name: 'single object of the core', goal: 0.8, kinds: ['object', 'background'], aspect: 'subject', core: true },
  { name: 'colour of shapes', goal: 0.9, kinds: ['shape'], aspect: 'colour' },
  { name: 'relative position', goal: 0.7, kinds: ['pair'], aspect: 'position' },
  { name: 'count', goal: 0.6, kinds: ['count'], aspect: 'count' },
];

/** Sums up the figures for which goals were set, leaving out what was not asked. */
export function headlines(verdicts: readonly Verdict[]): readonly Headline[] {
  return headlineSources.flatMap(({ name, goal, kinds: sources, aspect, core }) => {
    const answers = verdicts
      .filter(({ caption }) => sources.includes(caption.kind) && (core === undefined || caption.core))
      .map(({ marks }) => marks[aspect])
      .filter((answer) => answer !== undefined);
    return answers.length === 0 ? [] : [{ name, goal, ...wilson(answers.filter(Boolean).length, answers.length) }];
  });
}

/** Lists the pictures in which something is missing, with what the judge saw instead. */
export function misjudged(verdicts: readonly Verdict[]): readonly Misjudged[] {
  return verdicts
    .filter(({ marks }) => marks.everything === false)
    .map(({ caption, seed, seen, marks }) => ({
      id: caption.id,
      caption: caption.caption,
      seed,
      missed: aspects.filter((aspect) => aspect !== 'everything' && marks[aspect] === false),
      seen,
    }));
}

/** Writes a share with its interval: "82.5 % (67 to 92)". */
export function shareText(share: Share | undefined): string {
  if (share === undefined) return '';
  const percent = (value: number, digits: number) => (100 * value).toFixed(digits);
  return `${percent(share.share, 1)} % (${percent(share.low, 0)} to ${percent(share.high, 0)})`;
}

/** Lays out the goals and what was reached, header first. */
export function headlineRows(report: Report): readonly (readonly string[])[] {
  const rows = report.headlines.map((one) => [one.name, String(one.asked), shareText(one), `${(100 * one.goal).toFixed(0)} %`]);
  return [['asked for', 'captions', 'right', 'goal'], ...rows];
}

/** Lays out the shares per kind of caption, header first. */
export function alignmentRows({ alignment }: Report): readonly (readonly string[])[] {
  const rows = [...kinds, 'all' as const]
    .filter((kind) => alignment[kind].everything !== undefined)
    .map((kind) => [
      kind,
      String(alignment[kind].everything?.asked),
      ...aspects.map((aspect) => shareText(alignment[kind][aspect])),
    ]);
  return [['kind', 'captions', ...aspects], ...rows];
}

/** Says in sentences what is no share. */
export function remarks({ diversity, reconstructionPsnr }: Report): readonly string[] {
  return [
    `Diversity: pictures of one caption with different seeds differ by ${diversity.acrossSeeds.toFixed(1)} of 255 (root mean square of all bytes, mean over the pairs of ${diversity.seeds} seeds, ${diversity.captions} captions); pictures of different captions by ${diversity.acrossCaptions.toFixed(1)}.`,
    `VAE: real scenes come back from encoder and decoder with ${reconstructionPsnr.toFixed(1)} dB (mean PSNR).`,
  ];
}
