/** Steps between ticks, the smallest first: 1, 2 and 5 times powers of ten. */
export const decimalSteps: readonly number[] = Array.from({ length: 24 }, (_, power) =>
  [1, 2, 5].map((n) => Number(`${n}e${power - 6}`)),
).flat();

/** Steps between ticks of seconds that come out even in seconds, minutes, hours or days. */
export const secondsSteps: readonly number[] = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 20],
  ...[1, 2, 5, 10, 20, 30].map((minutes) => minutes * 60),
  ...[1, 2, 5, 10].map((hours) => hours * 3_600),
  ...[1, 2, 5, 10, 20, 50, 100].map((days) => days * 86_400),
];

/**
 * Places the ticks of an axis: multiples of the smallest step that gives so many at most, and no two with the same label.
 *
 * @param label how a tick is written.
 */
export function ticksOf(
  low: number,
  high: number,
  most: number,
  steps: readonly number[],
  label: (value: number) => string,
): readonly number[] {
  for (const step of steps) {
    if ((high - low) / step > most) continue;
    const first = Math.ceil(exact(low / step));
    const ticks = Array.from({ length: Math.floor(exact(high / step)) - first + 1 }, (_, n) => exact((first + n) * step));
    if (new Set(ticks.map(label)).size === ticks.length) return ticks;
  }
  return [0];
}

/** 3 × 0.1 is not 0.3 in binary. */
function exact(value: number): number {
  return Number(value.toPrecision(12));
}
