import { evenSigmas } from './even-sigmas.js';

/**
 * Spaces levels evenly in ln(sigma), from the largest to the smallest: each is the same fraction of the one before.
 *
 * Crowson's k-diffusion (`get_sigmas_exponential`), as diffusers' `use_exponential_sigmas`.
 *
 * @returns doubles [steps].
 */
export function exponentialSigmas(steps: number, largest: number, smallest: number): readonly number[] {
  return evenSigmas(steps, Math.log(largest), Math.log(smallest)).map(Math.exp);
}
