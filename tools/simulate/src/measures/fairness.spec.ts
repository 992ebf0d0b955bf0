import { describe, expect, it } from 'vitest';
import { FairnessMeter, jainIndex, maxMinShares } from './fairness.js';

describe('max-min fairness', () => {
  it('fills the small demands first, and shares what is left alike', () => {
    expect(maxMinShares([2, 8, 10], 12)).toEqual([2, 5, 5]);
    expect(maxMinShares([1, 1], 12)).toEqual([1, 1]);
    expect(maxMinShares([9, 9, 9], 12)).toEqual([4, 4, 4]);
  });
});

describe("Jain's index", () => {
  it('is 1 of equal shares and 1/n where one has all', () => {
    expect(jainIndex([3, 3, 3])).toBeCloseTo(1, 12);
    expect(jainIndex([0, 5, 0, 0])).toBeCloseTo(0.25, 12);
    expect(jainIndex([1, 2, 3])).toBeCloseTo(36 / 42, 12);
  });
});

describe('the measure of fairness', () => {
  const meter = (served: Record<string, number>) => {
    const subject = new FairnessMeter();
    subject.wanted('quiet', 10);
    subject.wanted('flood', 100);
    for (const [tenant, seconds] of Object.entries(served)) subject.served(tenant, seconds);
    subject.advance(60);
    return subject;
  };

  it('is 1 where the quiet tenant gets all it wants and the flood the rest', () => {
    expect(meter({ quiet: 10, flood: 40 }).index).toBeCloseTo(1, 12);
  });

  it('is less where the flood takes from it', () => {
    // Of 50, the quiet one should have 10 and has 5; the flood should have 40 and has 45: quotients 0.5 and 1.125.
    expect(meter({ quiet: 5, flood: 45 }).index).toBeCloseTo((0.5 + 1.125) ** 2 / (2 * (0.25 + 1.125 ** 2)), 12);
  });

  it('does not count windows in which there is enough', () => {
    const subject = meter({ quiet: 10, flood: 100 });
    expect([subject.index, subject.windows]).toEqual([1, 0]);
    subject.wanted('quiet', 4);
    subject.served('quiet', 1);
    subject.advance(120);
    expect(subject.windows).toBe(1);
  });
});
