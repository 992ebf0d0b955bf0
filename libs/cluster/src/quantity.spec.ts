import { describe, expect, it } from 'vitest';
import { parseQuantity } from './quantity.js';

describe('a quantity', () => {
  it.each([
    ['8', 8],
    ['500m', 0.5],
    ['15890m', 15.89],
    ['129Gi', 129 * 2 ** 30],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['16G', 16e9],
    ['1e3', 1_000],
    ['2E', 2e18],
    ['100k', 1e5],
    ['.5', 0.5],
    ['5.', 5],
    ['-1', -1],
  ])('%s is read', (text, value) => {
    expect(parseQuantity(text)).toBeCloseTo(value, 9);
  });

  it.each(['', 'many', '1 Gi', '1KB', 'Gi', '1.2.3', '--1'])('%s is refused', (text) => {
    expect(() => parseQuantity(text)).toThrow(`"${text}" is no quantity`);
  });
});
