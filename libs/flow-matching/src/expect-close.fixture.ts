import { expect } from 'vitest';

/** Asserts that two lists agree to a tolerance, by default float32's, relative to the expected value or absolute below 1. */
export function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs((actual[i] as number) - value)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(value)));
  });
}
