/**
 * Logarithm, sine and cosine that give the same bits on every machine.
 *
 * IEEE 754 fixes the result of +, -, *, / and the square root to the last bit, but not that of Math.log, Math.sin and
 * Math.cos: they differ between engines and between their versions. These series use the five exact operations alone, in a
 * fixed order, and come within a few units of the last place of a double; callers round to float32.
 */

/** Terms of the series of atanh: 0.1716^22 / 23 is below 1e-17. */
const atanhTerms = 11;
const sqrtHalf = Math.SQRT1_2;

/**
 * Returns the natural logarithm of a normal number in (0, 1].
 *
 * With x = m * 2^e and m in [sqrt(1/2), sqrt(2)): ln x = e ln 2 + 2 atanh((m - 1) / (m + 1)).
 */
export function exactLog(x: number): number {
  let mantissa = x;
  let exponent = 0;
  // Powers of two multiply exactly, so the loop loses nothing.
  while (mantissa < sqrtHalf) {
    mantissa *= 2;
    exponent -= 1;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  let series = 1 / (2 * atanhTerms + 1);
  for (let k = atanhTerms - 1; k >= 0; k--) {
    series = series * z + 1 / (2 * k + 1);
  }
  return exponent * Math.LN2 + 2 * s * series;
}

/** Writes the cosine and sine of a full turn's fraction in [0, 1) to out[0] and out[1]. */
export function exactCosSinOfTurn(turn: number, out: Float64Array): void {
  // The nearest quarter turn is taken off exactly; what remains is within an eighth of a turn either way.
  const quarter = Math.floor(turn * 4 + 0.5);
  const angle = (turn - quarter / 4) * (2 * Math.PI);
  const cosine = taylorCosine(angle);
  const sine = taylorSine(angle);
  switch (quarter % 4) {
    case 0:
      out[0] = cosine;
      out[1] = sine;
      break;
    case 1:
      out[0] = -sine;
      out[1] = cosine;
      break;
    case 2:
      out[0] = -cosine;
      out[1] = -sine;
      break;
    default:
      out[0] = sine;
      out[1] = -cosine;
  }
}

/** Sums the sine's series up to x^17 / 17!, enough for |x| <= pi/4. */
function taylorSine(x: number): number {
  const z = x * x;
  let series = 1;
  for (let n = 16; n >= 2; n -= 2) {
    series = 1 - (z / (n * (n + 1))) * series;
  }
  return x * series;
}

/** Sums the cosine's series up to x^18 / 18!, enough for |x| <= pi/4. */
function taylorCosine(x: number): number {
  const z = x * x;
  let series = 1;
  for (let n = 17; n >= 1; n -= 2) {
    series = 1 - (z / (n * (n + 1))) * series;
  }
  return series;
}
