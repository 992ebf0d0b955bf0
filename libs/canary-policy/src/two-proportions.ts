/**
 * Returns the statistic of the pooled test that two proportions are equal: how many standard errors the first lies above the second
 * (for instance Fleiss, Levin & Paik 2003, "Statistical Methods for Rates and Proportions", chapter 3, without continuity correction).
 *
 * @returns 0 where both are all or nothing alike, or one was never tried.
 */
export function twoProportionZ(events: number, trials: number, otherEvents: number, otherTrials: number): number {
  if (trials === 0 || otherTrials === 0) return 0;
  const pooled = (events + otherEvents) / (trials + otherTrials);
  const variance = pooled * (1 - pooled) * (1 / trials + 1 / otherTrials);
  return variance === 0 ? 0 : (events / trials - otherEvents / otherTrials) / Math.sqrt(variance);
}

/**
 * Returns the probability that a standard normal variable exceeds `z`, to a relative error of 1.2e-7: half of erfc(z / sqrt 2) by the
 * Chebyshev fit of Press et al., "Numerical Recipes in C", 2nd edition, section 6.2.
 */
export function normalTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const fit = coefficients.reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  const tail = 0.5 * t * Math.exp(-x * x + fit);
  return z >= 0 ? tail : 1 - tail;
}

const coefficients = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
];
