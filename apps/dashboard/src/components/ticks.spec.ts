import { expect, it } from 'vitest';
import { duration, few } from '../overview/figures.js';
import { decimalSteps, secondsSteps, ticksOf } from './ticks.js';

const labels = (high: number, steps: readonly number[], label: (value: number) => string) =>
  ticksOf(0, high, 5, steps, label).map(label);

it.each([
  // Steps of 0.05 would read 0.1, 0.1, 0.2, 0.2.
  [0.24, ['0', '0.1', '0.2']],
  [0.9, ['0', '0.2', '0.4', '0.6', '0.8']],
  [3, ['0', '1', '2', '3']],
  [12, ['0', '5', '10']],
  [1_080, ['0', '500', '1,000']],
  [0.01, ['0']],
])('ticks up to %d are 1, 2 or 5 times a power of ten, and read differently', (high, expected) => {
  expect(labels(high, decimalSteps, few)).toEqual(expected);
});

it.each([
  [0.3, ['0 s', '0.1 s', '0.2 s', '0.3 s']],
  [90, ['0 s', '20 s', '40 s', '60 s', '80 s']],
  [150, ['0 s', '60 s', '2 min']],
  [400, ['0 s', '2 min', '4 min', '6 min']],
  [20_000, ['0 s', '2.0 h', '4.0 h']],
])('ticks of seconds up to %d come out even', (high, expected) => {
  expect(labels(high, secondsSteps, duration)).toEqual(expected);
});

it('ticks below zero are multiples too, and exact', () => {
  expect(ticksOf(-0.25, 0.35, 6, decimalSteps, String)).toEqual([-0.2, -0.1, 0, 0.1, 0.2, 0.3]);
});
