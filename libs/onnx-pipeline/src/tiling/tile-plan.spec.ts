import { describe, expect, it } from 'vitest';
import { planAxis, planTiles, tileWeights } from './tile-plan.js';

const overlap = { overlap: 8, ramp: 2 };

describe('planAxis', () => {
  it('leaves whole what is short enough', () => {
    expect(planAxis(32, 32, overlap)).toMatchObject({ tile: 32, starts: [0] });
  });

  it('makes tiles no longer than they have to be', () => {
    // Two tiles of 32 reach 56 with an overlap of 8; one position more takes three, for which (57 + 16) / 3 is enough.
    expect(planAxis(56, 32, overlap)).toMatchObject({ tile: 32, starts: [0, 24] });
    expect(planAxis(57, 32, overlap)).toMatchObject({ tile: 25, starts: [0, 16, 32] });
  });

  it.each([16, 17, 23, 32])('covers axes of every length with tiles of one length of at most %d', (longest) => {
    for (let length = 1; length <= 300; length++) {
      const { tile, starts } = planAxis(length, longest, overlap);
      expect(tile).toBeLessThanOrEqual(longest);
      expect([starts[0], (starts.at(-1) as number) + tile]).toEqual([0, length]);
      for (const [i, start] of starts.slice(1).entries()) {
        expect([8, 9]).toContain((starts[i] as number) + tile - start);
      }
    }
  });

  it('refuses tiles that can not get on', () => {
    expect(() => planAxis(100, 15, overlap)).toThrow(RangeError);
    expect(() => planAxis(100, 32, { overlap: 8, ramp: 5 })).toThrow(RangeError);
  });
});

describe('tileWeights', () => {
  it('ramp linearly in the middle of the overlap', () => {
    // Two tiles of 5 positions on an axis of 8 share positions 3 and 4; a ramp of 1 runs from 3.5 to 4.5.
    const axis = { length: 8, tile: 5, starts: [0, 3], ramp: 1 };
    expect([...tileWeights(axis, 0, 2)]).toEqual([1, 1, 1, 1, 1, 1, 1, 0.75, 0.25, 0]);
    expect([...tileWeights(axis, 1, 2)]).toEqual([0, 0.25, 0.75, 1, 1, 1, 1, 1, 1, 1]);
  });

  it.each([1, 4, 16])('sum to one at every element, for every length, at scale %d', (scale) => {
    for (let length = 1; length <= 150; length++) {
      const axis = planAxis(length, 19, overlap);
      const sums = new Float64Array(length * scale);
      for (const [i, start] of axis.starts.entries()) {
        for (const [x, weight] of tileWeights(axis, i, scale).entries()) {
          const at = start * scale + x;
          sums[at] = (sums[at] as number) + weight;
        }
      }
      expect(Math.max(...sums.map((sum) => Math.abs(sum - 1)))).toBeLessThan(1e-12);
    }
  });
});

describe('planTiles', () => {
  it('cuts nothing that keeps the limit', () => {
    expect(planTiles(64, 64, 4096, overlap)).toBeUndefined();
    expect(planTiles(32, 128, 4096, overlap)).toBeUndefined();
  });

  it('keeps the limit in every tile, unless that is too small for any', () => {
    for (const [height, width, limit] of [
      [64, 64, 1024],
      [128, 64, 4096],
      [20, 300, 1000],
    ] as const) {
      const { rows, columns } = planTiles(height, width, limit, overlap) ?? {};
      expect((rows?.tile ?? Infinity) * (columns?.tile ?? Infinity)).toBeLessThanOrEqual(limit);
    }
    expect(planTiles(64, 64, 1, overlap)?.rows.tile).toBe(16);
    expect(planTiles(16, 16, 1, overlap)).toBeUndefined();
  });
});
