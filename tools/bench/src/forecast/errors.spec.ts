import { describe, expect, it } from 'vitest';
import { atAdmission, halfway } from './errors.js';

const generation = {
  tellings: [
    { atMs: 1_000, expectedMs: 13_000 },
    { atMs: 2_000, expectedMs: 12_000 },
    { atMs: 5_000, expectedMs: 9_000 },
    { atMs: 9_500, expectedMs: 10_900 },
  ],
  endedMs: 11_000,
};

describe('the error of a forecast', () => {
  it('is what it was off by, of the time that was left', () => {
    expect(atAdmission(generation)).toEqual({ left: 10, late: 2, share: 0.2 });
    // The middle is 6 s.
    expect(halfway(generation)).toEqual({ left: 6, late: -2, share: 1 / 3 });
  });

  it('is none where nothing was told, or nothing but at admission', () => {
    expect(atAdmission({ tellings: [], endedMs: 1 })).toBeUndefined();
    expect(halfway({ tellings: [], endedMs: 1 })).toBeUndefined();
    expect(halfway({ ...generation, tellings: generation.tellings.slice(0, 1) })).toBeUndefined();
  });
});
