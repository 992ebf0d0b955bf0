/** A share with its uncertainty. */
export interface Share {
  readonly right: number;
  readonly asked: number;
  readonly share: number;
  /** Ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

/** The 97.5th percentile of the normal distribution. */
const z = 1.959963984540054;

/**
 * Makes a share with its 95 % interval after Wilson (1927), which holds near 0 and 1 and for few questions too.
 *
 * @throws RangeError when nothing was asked.
 */
export function wilson(right: number, asked: number): Share {
  if (!(asked > 0)) throw new RangeError('the share of nothing is undefined');
  const share = right / asked;
  const scale = 1 + z ** 2 / asked;
  const centre = (share + z ** 2 / (2 * asked)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / asked + z ** 2 / (4 * asked ** 2));
  return { right, asked, share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * Takes the mean squared difference of two pictures' bytes.
 *
 * @throws RangeError when they are not of one length.
 */
export function meanSquaredError(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length || a.length === 0) throw new RangeError(`pictures of ${a.length} and ${b.length} bytes`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] as number) - (b[i] as number)) ** 2;
  return sum / a.length;
}

/** Takes the peak signal-to-noise ratio of a mean squared error of bytes, in decibels. */
export function psnr(error: number): number {
  return 10 * Math.log10(255 ** 2 / error);
}

/**
 * Takes the mean of numbers.
 *
 * @throws RangeError when there are none.
 */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('the mean of nothing is undefined');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
