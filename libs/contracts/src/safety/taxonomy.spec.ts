import { describe, expect, it } from 'vitest';
import {
  blocksAlways,
  fromAzureSeverity,
  harmCategories,
  isHarmCategory,
  severities,
  sexualisedRealPerson,
  toAzureSeverity,
} from './taxonomy.js';

describe('severities', () => {
  it('are Azure’s halved, whether it trims them or not', () => {
    expect(severities.map(toAzureSeverity)).toEqual([0, 2, 4, 6]);
    expect([0, 1, 2, 3, 4, 5, 6, 7].map(fromAzureSeverity)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    for (const severity of severities) expect(fromAzureSeverity(toAzureSeverity(severity))).toBe(severity);
  });

  it.each([-1, 8, 2.5, Number.NaN])('are refused where Azure has none: %d', (severity) => {
    expect(() => fromAzureSeverity(severity)).toThrow(RangeError);
  });
});

describe('what no policy may let through', () => {
  it('is all of child safety, and real people shown sexually', () => {
    const always = harmCategories.filter((category) => blocksAlways({ category, reason: `${category}.any`, severity: 1 }));
    expect(always).toEqual(['child_safety']);
    expect(blocksAlways({ category: 'sexual', reason: sexualisedRealPerson, severity: 3 })).toBe(true);
  });

  it('is not what was looked for and not found', () => {
    expect(blocksAlways({ category: 'child_safety', reason: '', severity: 0 })).toBe(false);
  });
});

it('isHarmCategory knows the eight and no other', () => {
  expect(harmCategories).toHaveLength(8);
  expect(harmCategories.every(isHarmCategory)).toBe(true);
  expect(isHarmCategory('minors')).toBe(false);
});
