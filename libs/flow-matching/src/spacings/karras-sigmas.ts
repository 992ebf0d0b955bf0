import { evenSigmas } from './even-sigmas.js';

/** Karras et al.'s choice: levels bunch near the clean image, where an error shows most. */
const rho = 7;

/**
 * Spaces levels evenly in sigma^(1/7), from the largest to the smallest.
 *
 * Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models", arXiv 2206.00364, equation 5.
 *
 * @returns doubles [steps].
 */
export function karrasSigmas(steps: number, largest: number, smallest: number): readonly number[] {
  return evenSigmas(steps, largest ** (1 / rho), smallest ** (1 / rho)).map((root) => root ** rho);
}
