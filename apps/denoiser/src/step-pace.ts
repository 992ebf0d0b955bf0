import { type PassTime, stepMs } from '@darkroom/contracts';
import type { RunningSteps } from './foreseen-steps.js';

/** Shorter times than this tell too little. */
const leastMs = 1_000;

/** What was so long ago counts a third as much as what is now. */
const memoryMs = 10_000;

/** One measurement counts as no more than this, nor as less than one of so many. */
const most = 8;

/** A generation that runs, with what it had to do in all. */
export interface MeasuredSteps extends RunningSteps {
  readonly id: string;
  /** Steps of each image. */
  readonly steps: number;
}

/**
 * Measures how many times as long steps take as the times of passes say, which know neither what is between passes nor what else the
 * machine has come to do since they were measured.
 */
export class StepPace {
  private pace = 1;
  private last: { readonly atMs: number; readonly running: ReadonlyMap<string, MeasuredSteps> } | undefined;

  /** 1 where steps take what passes do. */
  get value(): number {
    return this.pace;
  }

  /** Takes in where generations are at a moment, in milliseconds of any clock. */
  observe(running: readonly MeasuredSteps[], passTimes: readonly PassTime[], atMs: number): void {
    const { last } = this;
    if (last !== undefined && atMs - last.atMs < leastMs) return;
    const now = new Map(running.map((one) => [one.id, one]));
    this.last = { atMs, running: now };
    // Time in which nothing makes steps, before the first or after the last one, is not counted.
    if (last === undefined || ![...now.values()].some(({ id, left }) => left > 0 && isUnderWay(last.running.get(id)))) return;
    const workedMs = worked([...last.running.values()], now, passTimes);
    if (workedMs === 0) return;
    const measured = Math.min(most, Math.max(1 / most, (atMs - last.atMs) / workedMs));
    this.pace += (1 - Math.exp((last.atMs - atMs) / memoryMs)) * (measured - this.pace);
  }
}

function isUnderWay(one: MeasuredSteps | undefined): boolean {
  return one !== undefined && one.left > 0 && one.left < one.steps;
}

/** The time that the steps which were made take by the times of passes; those of a size are made together. */
function worked(
  before: readonly MeasuredSteps[],
  now: ReadonlyMap<string, MeasuredSteps>,
  passTimes: readonly PassTime[],
): number {
  const made = before
    .map((one) => ({ ...one, made: one.left - (now.get(one.id)?.left ?? 0), pixels: one.work.width * one.work.height }))
    .filter((one) => one.made > 0);
  return [...Map.groupBy(made, ({ pixels }) => pixels).values()].reduce((sum, company) => {
    const rows = company.reduce((total, one) => total + one.rows, 0);
    return sum + company.reduce((ms, one) => ms + one.made * (one.rows / rows) * stepMs(one.work, rows, passTimes), 0);
  }, 0);
}
