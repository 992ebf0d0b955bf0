import { describe, expect, it } from 'vitest';
import { normalTail, twoProportionZ } from './two-proportions.js';

describe('the statistic of two proportions', () => {
  // Square roots of SciPy 1.17's chi2_contingency(correction=False), which comes to the same by another way.
  it.each([
    [10, 100, 50, 1_000, 2.099297806899079],
    [3, 50, 0, 500, 5.492224851628067],
    [50, 50, 0, 500, 23.452078799117146],
    [45, 1_000, 440, 10_000, 0.14686585392818907],
    [1, 50, 20, 1_000, 0],
  ])('of %d in %d against %d in %d is %d', (events, trials, otherEvents, otherTrials, z) => {
    expect(twoProportionZ(events, trials, otherEvents, otherTrials)).toBeCloseTo(z, 12);
    expect(twoProportionZ(otherEvents, otherTrials, events, trials)).toBeCloseTo(-z, 12);
  });

  it('is 0 where nothing can be told', () => {
    expect(twoProportionZ(0, 0, 3, 10)).toBe(0);
    expect(twoProportionZ(3, 10, 0, 0)).toBe(0);
    expect(twoProportionZ(0, 10, 0, 10)).toBe(0);
    expect(twoProportionZ(10, 10, 10, 10)).toBe(0);
  });
});

describe('the tail of the normal distribution', () => {
  // SciPy 1.17's norm.sf.
  it.each([
    [-1, 0.8413447460685429],
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [1.6448536269514722, 0.050000000000000044],
    [3, 0.0013498980316300933],
    [6, 9.865876450376946e-10],
    [8, 6.22096057427174e-16],
  ])('above %d is %d', (z, tail) => {
    expect(Math.abs(normalTail(z) / tail - 1)).toBeLessThan(1.2e-7);
  });
});
