import { guidancePasses, stepsMade, type Work } from './compute.js';
import type { PassTime } from './generated/darkroom/capacity/v1/capacity.js';

/** What the time of a generation depends on: its price in compute, and what of it the solver and an edit's strength change. */
export interface TimedWork extends Work {
  /** The solver's name; empty for the model's own. */
  readonly solver: string;
  /** Of an edit: the share of the steps that is made; 0 for all. */
  readonly strength: number;
}

/**
 * Taken per compute unit while no worker has measured anything: the order of magnitude of a small model on a few CPU cores. It decides
 * shares alone, never promises.
 */
export const assumedSecondsPerUnit = 1.5e-7;

/**
 * Returns the seconds of a device that a generation takes where passes are as large as pays: what it costs others.
 *
 * @param passTimes as measured; of an image size that was not, the nearest one's are scaled by pixels.
 */
export function deviceSeconds(work: TimedWork, passTimes: readonly PassTime[]): number {
  const samples = passesPerImage(work) * guidancePasses(work.guidanceScale) * work.imageCount;
  const nearest = nearestSize(work, passTimes);
  if (nearest.length === 0) return samples * work.width * work.height * assumedSecondsPerUnit;
  const msPerRow = Math.min(...nearest.map(({ rows, ms }) => ms / rows));
  return (samples * msPerRow * scale(work, nearest)) / 1_000;
}

/**
 * Returns the seconds that a generation's steps take when nothing else runs: what its client waits at least.
 *
 * @param passTimes as for {@link deviceSeconds}.
 */
export function aloneSeconds(work: TimedWork, passTimes: readonly PassTime[]): number {
  const nearest = nearestSize(work, passTimes);
  const rows = guidancePasses(work.guidanceScale) * work.imageCount;
  // Its images step together, in the least passes of a measured size that hold them.
  const choices = nearest.map((pass) => Math.ceil(rows / pass.rows) * pass.ms);
  if (choices.length === 0) return deviceSeconds(work, passTimes);
  return (passesPerImage(work) * Math.min(...choices) * scale(work, nearest)) / 1_000;
}

/**
 * Returns the milliseconds of a step that so many rows of an image size make together: of one pass, or of several where they are more
 * than pays in one.
 *
 * @param passTimes as for {@link deviceSeconds}.
 */
export function stepMs(work: TimedWork, rows: number, passTimes: readonly PassTime[]): number {
  const measured = nearestSize(work, passTimes).toSorted((a, b) => a.rows - b.rows);
  const [first] = measured;
  if (first === undefined) return rows * work.width * work.height * assumedSecondsPerUnit * 1_000;
  const best = measured.reduce((least, pass) => (pass.ms / pass.rows < least.ms / least.rows ? pass : least));
  return (rows >= best.rows ? (rows / best.rows) * best.ms : between(measured, rows)) * scale(work, measured);
}

/** Returns how many rows of an image size make a pass that pays best, as far as was measured. */
export function bestRows(work: TimedWork, passTimes: readonly PassTime[]): number {
  const measured = nearestSize(work, passTimes);
  const least = Math.min(...measured.map(({ rows, ms }) => ms / rows));
  return measured.find(({ rows, ms }) => ms / rows === least)?.rows ?? 1;
}

/** The time of a pass lies on the line between those of the next smaller and the next larger one. */
function between(measured: readonly PassTime[], rows: number): number {
  const above = measured.find((pass) => pass.rows >= rows) as PassTime;
  const below = measured.findLast((pass) => pass.rows <= rows) ?? above;
  if (above.rows === below.rows) return above.ms;
  return below.ms + ((rows - below.rows) / (above.rows - below.rows)) * (above.ms - below.ms);
}

/** Counts the passes of an image: Heun's method looks at each noise level but the last twice (Karras et al. 2022, algorithm 1). */
export function passesPerImage(work: TimedWork): number {
  const made = stepsMade(work);
  return work.solver === 'heun' ? 2 * made - 1 : made;
}

function nearestSize({ width, height }: TimedWork, passTimes: readonly PassTime[]): PassTime[] {
  const distance = (pixels: number) => Math.abs(Math.log(pixels / (width * height)));
  const least = Math.min(...passTimes.map(({ pixels }) => distance(pixels)));
  return passTimes.filter(({ pixels }) => distance(pixels) === least);
}

function scale({ width, height }: TimedWork, [first]: readonly PassTime[]): number {
  return first === undefined ? 1 : (width * height) / first.pixels;
}
