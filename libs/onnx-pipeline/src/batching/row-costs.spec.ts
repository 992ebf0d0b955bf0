import { describe, expect, it } from 'vitest';
import { RowCosts } from './row-costs.js';

/** Measures until every count that is offered has been judged, given what a run of so many rows costs. */
function settle(costOf: (rows: number) => number, most = 8): number {
  const costs = new RowCosts();
  for (let run = 0; run < 30; run++) {
    const rows = costs.rows('shape', most);
    // The first run of a shape allocates, which says nothing of the next.
    costs.record('shape', rows, run % 3 === 0 ? 1000 : costOf(rows));
  }
  return costs.rows('shape', most);
}

describe('RowCosts', () => {
  it('shares runs where rows cost little more than one, as on a GPU', () => {
    expect(settle((rows) => 10 + rows)).toBe(8);
    expect(settle((rows) => 10 + rows, 5)).toBe(4);
    expect(settle((rows) => 10 + rows, 1)).toBe(1);
  });

  it('keeps to one row where sharing would make everybody wait for the last, as on a CPU', () => {
    expect(settle((rows) => 30 * rows)).toBe(1);
    // 8 % less for each row: two that share are both done after 55, one after another after 30 and 60.
    expect(settle((rows) => (rows === 1 ? 30 : 27.5 * rows))).toBe(1);
  });

  it('stops where more rows no longer pay', () => {
    expect(settle((rows) => (rows <= 4 ? 10 : 10 * rows))).toBe(4);
  });

  it('knows shapes apart', () => {
    const costs = new RowCosts();
    for (let pass = 0; pass < 3; pass++) costs.record('small', 1, 10);
    expect(costs.rows('small', 2)).toBe(2);
    expect(costs.rows('large', 2)).toBe(1);
  });
});
