import { deviceSeconds } from '@darkroom/contracts';
import type { Outcome } from '../outcome.js';
import type { SimulatedRequest } from '../request.js';
import type { StepTimes } from '../step-times.js';
import type { MixEntry } from '../trace/synthetic.js';

/** A table as it is printed and published. */
export interface StudyTable {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What a study found. All of it is simulated. */
export interface StudyResult {
  readonly simulated: true;
  readonly title: string;
  /** What was simulated, with all that decides the figures. */
  readonly setting: string;
  readonly tables: readonly StudyTable[];
  /** Drawings (SVG) by file name. */
  readonly plots: Readonly<Record<string, string>>;
  /** Every outcome, for programs. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
}

/** What a study may know of how it is run. */
export interface StudyContext {
  /** Shorter traces, for trying. */
  readonly quick: boolean;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** A comparison that is run by its name. */
export interface Study {
  readonly name: string;
  readonly summary: string;
  readonly run: (context: StudyContext) => Promise<StudyResult>;
}

/** Returns how many generations a second are so many devices' work, as far as the mix's mean goes. */
export function rateOf(devices: number, mix: readonly MixEntry[], { passTimes }: StepTimes): number {
  const shares = mix.reduce((sum, { share }) => sum + share, 0);
  const mean = mix.reduce((sum, { share, ...entry }) => {
    const work = { ...entry, guidanceScale: 4, solver: '', strength: 0 };
    return sum + (share / shares) * deviceSeconds(work, passTimes);
  }, 0);
  return devices / mean;
}

/** Merges traces into one, by arrival; ids of each get a mark, since each counts from 0. */
export function* merged(...traces: Iterable<SimulatedRequest>[]): Generator<SimulatedRequest> {
  const heads = traces.map((trace, number) => ({
    number,
    rest: trace[Symbol.iterator](),
    next: undefined as SimulatedRequest | undefined,
  }));
  const draw = (head: (typeof heads)[number]) => {
    const { done, value } = head.rest.next();
    head.next = done === true ? undefined : value;
  };
  for (const head of heads) draw(head);
  const arrival = ({ next }: (typeof heads)[number]) => next?.atSeconds ?? Number.POSITIVE_INFINITY;
  for (;;) {
    const first = heads.reduce((a, b) => (arrival(b) < arrival(a) ? b : a));
    if (first.next === undefined) return;
    yield { ...first.next, id: `${first.number}-${first.next.id}` };
    draw(first);
  }
}

/** Writes a share as a table has it. */
export const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** The columns that tables of outcomes have in common. */
export const outcomeHead = ['in time', 'mean', 'p99', 'device hours', 'busy', 'fairness (Jain)'];

/** One row of them. */
export function outcomeCells(outcome: Outcome): string[] {
  return [
    percent(outcome.attainment),
    `${outcome.meanSeconds.toFixed(2)} s`,
    `${outcome.p99Seconds.toFixed(2)} s`,
    outcome.deviceHours.toFixed(2),
    percent(outcome.utilisation),
    outcome.contendedWindows === 0 ? 'no contention' : outcome.fairness.toFixed(3),
  ];
}
