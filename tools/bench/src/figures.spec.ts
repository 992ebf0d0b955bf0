import { describe, expect, it } from 'vitest';
import { atLeast, atMost, below, median } from './figures.js';

describe('median', () => {
  it('takes the middle of an odd number of values, whatever their order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('takes the mean of the middle two of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('figures', () => {
  it('hold at the limit only where the limit is included', () => {
    expect(atMost('overhead', 5, '%', 5).holds).toBe(true);
    expect(below('start', 10, 's', 10).holds).toBe(false);
    expect(atLeast('share', 0.95, '', 0.95).holds).toBe(true);
    expect(atLeast('share', 0.949, '', 0.95).holds).toBe(false);
  });
});
