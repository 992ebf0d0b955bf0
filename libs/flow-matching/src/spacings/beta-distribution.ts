/**
 * Returns the x below which a share p of the distribution Beta(a, a) lies: the inverse of its cumulative distribution function.
 *
 * Symmetry halves the work: only x up to 1/2 is searched for, by bisection, until no double lies between; and the integral up to
 * 1/2 is half of the whole, which makes gamma functions unnecessary.
 *
 * @param p from 0 to 1.
 * @param a above 0.
 * @returns a double from 0 to 1, to about 1e-15.
 */
export function symmetricBetaQuantile(p: number, a: number): number {
  if (p > 0.5) {
    return 1 - symmetricBetaQuantile(1 - p, a);
  }
  if (p === 0) {
    return 0;
  }
  const target = 2 * p * incompleteBeta(0.5, a);
  let [low, high] = [0, 0.5];
  for (let middle = high / 2; middle > low && middle < high; middle = (low + high) / 2) {
    if (incompleteBeta(middle, a) < target) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return high;
}

/**
 * Integrates (t (1 - t))^(a - 1) from 0 to x by the series x^a sum_n (1 - a)_n / (n! (a + n)) x^n.
 *
 * NIST Digital Library of Mathematical Functions, 8.17.7 with 15.2.1. Its terms fall at least as fast as x^n, so 1/2 needs about
 * fifty.
 *
 * @param x from 0 to 1/2.
 */
function incompleteBeta(x: number, a: number): number {
  let coefficient = 1;
  let sum = 0;
  for (let n = 0, term = Number.POSITIVE_INFINITY; Math.abs(term) > (Number.EPSILON * sum) / 4; n++) {
    term = coefficient / (a + n);
    sum += term;
    coefficient *= ((1 - a + n) / (n + 1)) * x;
  }
  return x ** a * sum;
}
