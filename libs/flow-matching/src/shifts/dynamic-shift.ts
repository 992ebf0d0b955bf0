/** How a shift grows with the image, as `scheduler_config.json` sets it. */
export interface DynamicShift {
  /** `exponential`: the shift is e^mu; `linear`: it is mu. */
  readonly type: 'exponential' | 'linear';
  /** mu at baseTokens. */
  readonly baseShift: number;
  /** mu at maxTokens. */
  readonly maxShift: number;
  readonly baseTokens: number;
  readonly maxTokens: number;
}

/**
 * Leans a noise level to noise, the further the larger the image: k / (k + (1 / sigma - 1)), with k = e^mu or mu.
 *
 * mu is a straight line through (baseTokens, baseShift) and (maxTokens, maxShift) and goes on beyond both: Black Forest Labs'
 * FLUX.1, and diffusers' `calculate_shift` and `time_shift`.
 *
 * @param sigma above 0, up to 1.
 * @param imageTokens transformer tokens of the image, above 0.
 */
export function dynamicShift(sigma: number, imageTokens: number, shift: DynamicShift): number {
  const { type, baseShift, maxShift, baseTokens, maxTokens } = shift;
  const slope = (maxShift - baseShift) / (maxTokens - baseTokens);
  const mu = imageTokens * slope + (baseShift - slope * baseTokens);
  const k = type === 'exponential' ? Math.exp(mu) : mu;
  return k / (k + (1 / sigma - 1));
}
