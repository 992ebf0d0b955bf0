import { describe, expect, it } from 'vitest';
import { jainIndex, mean, percentile } from './statistics.js';

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);

  it.each([
    [0.01, 1],
    [0.5, 50],
    [0.99, 99],
    [0.991, 100],
    [1, 100],
  ])('at %d of 1 to 100 is %d', (share, expected) => {
    expect(percentile(hundred, share)).toBe(expected);
  });

  it('of one value is that value, and of none an error', () => {
    expect(percentile([7], 0.99)).toBe(7);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
  });
});

describe("Jain's index", () => {
  it('is 1 for equal shares and 1/n where one has all', () => {
    expect(jainIndex([3, 3, 3, 3])).toBeCloseTo(1, 12);
    expect(jainIndex([5, 0, 0, 0])).toBeCloseTo(1 / 4, 12);
  });

  it('is the share of the contented, where some have the same and the others nothing', () => {
    expect(jainIndex([2, 2, 2, 0, 0, 0, 0, 0, 0, 0])).toBeCloseTo(3 / 10, 12);
  });

  it('agrees with 1 / (1 + squared coefficient of variation)', () => {
    const shares = [1, 2, 4, 8, 16.5];
    const middle = mean(shares);
    const variance = mean(shares.map((share) => (share - middle) ** 2));
    expect(jainIndex(shares)).toBeCloseTo(1 / (1 + variance / middle ** 2), 12);
  });
});
