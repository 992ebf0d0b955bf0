import { betaSigmas } from './beta-sigmas.js';
import { exponentialSigmas } from './exponential-sigmas.js';
import { karrasSigmas } from './karras-sigmas.js';

/** Respaces levels between their own largest and smallest: a new spacing is a file beside these and a line here. */
const spacings = {
  default: (sigmas: readonly number[]) => sigmas,
  karras: between(karrasSigmas),
  exponential: between(exponentialSigmas),
  beta: between(betaSigmas),
} as const;

/** How noise levels are spaced; `default` is evenly before the shift, the others replace what the shift gave between its ends. */
export type SigmaSpacing = keyof typeof spacings;

/** The names of all spacings. */
export const sigmaSpacings = Object.keys(spacings) as readonly SigmaSpacing[];

/**
 * Spaces levels anew, keeping the first and the last.
 *
 * @param sigmas doubles [steps], falling, the last above 0.
 * @returns doubles [steps].
 */
export function respace(sigmas: readonly number[], spacing: SigmaSpacing): readonly number[] {
  return spacings[spacing](sigmas);
}

function between(
  space: (steps: number, largest: number, smallest: number) => readonly number[],
): (sigmas: readonly number[]) => readonly number[] {
  return (sigmas) => space(sigmas.length, sigmas[0] as number, sigmas.at(-1) as number);
}
