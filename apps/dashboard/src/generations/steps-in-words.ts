/** A number of steps as a person says it. */
export function stepsInWords(steps: number): string {
  return steps === 1 ? '1 step' : `${steps} steps`;
}
