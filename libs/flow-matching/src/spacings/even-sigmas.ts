/**
 * Spaces levels evenly from the largest to the smallest, both included.
 *
 * @returns doubles [steps]; the largest alone for one step.
 */
export function evenSigmas(steps: number, largest: number, smallest: number): readonly number[] {
  return Array.from({ length: steps }, (_, i) => (steps === 1 ? largest : largest + ((smallest - largest) * i) / (steps - 1)));
}
