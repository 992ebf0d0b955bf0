import { symmetricBetaQuantile } from './beta-distribution.js';
import { evenSigmas } from './even-sigmas.js';

/** alpha = beta of the distribution: below 1, so that levels bunch at both ends. */
const shape = 0.6;

/**
 * Spaces levels at even quantiles of the beta distribution Beta(0.6, 0.6), from the largest to the smallest.
 *
 * Lee et al., "Beta Sampling is All You Need", arXiv 2407.12173, as diffusers' `use_beta_sigmas`.
 *
 * @returns doubles [steps].
 */
export function betaSigmas(steps: number, largest: number, smallest: number): readonly number[] {
  return evenSigmas(steps, 1, 0).map((p) => smallest + symmetricBetaQuantile(p, shape) * (largest - smallest));
}
