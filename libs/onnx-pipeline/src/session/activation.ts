/** What turns a graph's output into probabilities. */
export type Activation = 'none' | 'softmax' | 'sigmoid';

const activations: Readonly<Record<Activation, (values: readonly number[]) => readonly number[]>> = {
  none: (values) => values,
  sigmoid: (values) => values.map((value) => 1 / (1 + Math.exp(-value))),
  softmax: (values) => {
    const largest = Math.max(...values);
    const powers = values.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((all, power) => all + power, 0);
    return powers.map((power) => power / sum);
  },
};

/** Turns the values of one row of a graph's output into probabilities. */
export function activate(activation: Activation, values: readonly number[]): readonly number[] {
  return activations[activation](values);
}
