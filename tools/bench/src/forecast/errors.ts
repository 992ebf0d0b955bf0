import type { Telling, WatchedGeneration } from './burst.js';

/** How wrong one forecast was. */
export interface ForecastError {
  /** Seconds that were really left when it was made. */
  readonly left: number;
  /** Seconds by which the end was expected too late; negative for too early. */
  readonly late: number;
  /** Of the time that was left, without sign. */
  readonly share: number;
}

/** How wrong a generation's first forecast was; undefined where none was made. */
export function atAdmission({ tellings, endedMs }: WatchedGeneration): ForecastError | undefined {
  return errorOf(tellings[0], endedMs);
}

/** How wrong the forecast was that was told nearest to the middle between admission and end, and not at admission. */
export function halfway({ tellings, endedMs }: WatchedGeneration): ForecastError | undefined {
  const [first, ...later] = tellings;
  if (first === undefined) return undefined;
  const middle = (first.atMs + endedMs) / 2;
  const distance = ({ atMs }: Telling) => Math.abs(atMs - middle);
  const nearest = later.toSorted((a, b) => distance(a) - distance(b))[0];
  return errorOf(nearest, endedMs);
}

function errorOf(telling: Telling | undefined, endedMs: number): ForecastError | undefined {
  if (telling === undefined || telling.atMs >= endedMs) return undefined;
  const left = (endedMs - telling.atMs) / 1_000;
  const late = (telling.expectedMs - endedMs) / 1_000;
  return { left, late, share: Math.abs(late) / left };
}
