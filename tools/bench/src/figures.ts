/** One measured value, and what it ought to be. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Requirement in words, for instance "<= 5"; empty when there is none. */
  readonly wanted: string;
  /** Whether the requirement holds; null without one. */
  readonly holds: boolean | null;
}

/** Makes a figure that should not exceed a limit. */
export function atMost(name: string, value: number, unit: string, limit: number): Figure {
  return { name, value, unit, wanted: `<= ${limit}`, holds: value <= limit };
}

/** Makes a figure that should stay below a limit. */
export function below(name: string, value: number, unit: string, limit: number): Figure {
  return { name, value, unit, wanted: `< ${limit}`, holds: value < limit };
}

/** Makes a figure that should reach a limit. */
export function atLeast(name: string, value: number, unit: string, limit: number): Figure {
  return { name, value, unit, wanted: `>= ${limit}`, holds: value >= limit };
}

/** Makes a figure that nothing is required of. */
export function plain(name: string, value: number, unit: string): Figure {
  return { name, value, unit, wanted: '', holds: null };
}

/**
 * Takes the middle of a list of numbers, or the mean of the two in the middle.
 * @throws RangeError when the list is empty.
 */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the median of nothing is undefined');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
