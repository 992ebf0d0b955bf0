import { describe, expect, it } from 'vitest';
import { symmetricBetaQuantile } from './beta-distribution.js';

describe('symmetricBetaQuantile', () => {
  /** 15 digits by mpmath: the root of betainc(0.6, 0.6, 0, x, regularized=True) - p, with 40 digits carried. */
  it.each([
    [0.01, 0.000861238821542907],
    [0.1, 0.0395844055887809],
    [0.25, 0.175680378652695],
    [0.4, 0.362700990753214],
    [0.75, 0.824319621347305],
    [0.999, 0.999981441261483],
  ])('gives the golden quantile of Beta(0.6, 0.6) at %d', (p, x) => {
    expect(Math.abs(symmetricBetaQuantile(p, 0.6) - x)).toBeLessThan(1e-15);
  });

  it.each([0, 1e-6, 0.1, 0.3, 0.5, 0.8, 0.99, 1])('agrees with the quantiles known in closed form at %d', (p) => {
    // Beta(1, 1) is uniform, Beta(1/2, 1/2) the arcsine distribution, and Beta(2, 2) has the distribution 3 x^2 - 2 x^3.
    expect(symmetricBetaQuantile(p, 1)).toBeCloseTo(p, 14);
    expect(symmetricBetaQuantile(p, 0.5)).toBeCloseTo(Math.sin((Math.PI * p) / 2) ** 2, 14);
    const x = symmetricBetaQuantile(p, 2);
    expect(3 * x ** 2 - 2 * x ** 3).toBeCloseTo(p, 14);
  });

  it('has its ends exactly', () => {
    expect([0, 1].map((p) => symmetricBetaQuantile(p, 0.6))).toEqual([0, 1]);
  });
});
