import { describe, expect, it } from 'vitest';
import { CostModel } from './cost-model.js';

/** A model that has measured a bucket of 100 elements at the given milliseconds by rows. */
function measured(times: Readonly<Record<number, number>>, bytes = 0, memoryLimitBytes?: number): CostModel {
  const costs = new CostModel({ memoryLimitBytes });
  costs.open('small', 100, 64);
  for (const [rows, passMs] of Object.entries(times)) {
    for (let pass = 0; pass < 3; pass++) costs.record('small', Number(rows), passMs, bytes);
  }
  return costs;
}

describe('time', () => {
  const costs = measured({ 1: 20, 4: 50, 8: 98 });

  it.each([
    [1, 20],
    [2, 30],
    [4, 50],
    [6, 74],
    [16, 196],
  ])('of %d rows is what was measured, or lies on the line between', (rows, passMs) => {
    expect(costs.passMs('small', rows)).toBeCloseTo(passMs, 9);
  });

  it('of a bucket that never ran is scaled from the nearest, and unknown before anything ran', () => {
    costs.open('large', 400, 64);
    expect(costs.passMs('large', 4)).toBe(200);
    const fresh = new CostModel();
    fresh.open('any', 1, 64);
    expect(fresh.passMs('any', 1)).toBe(0);
  });

  it('of a bucket that ran is its own, though another of its size ran before', () => {
    const two = measured({ 1: 20 });
    two.open('small, cached', 100, 64);
    expect(two.passMs('small, cached', 1)).toBe(20);
    two.record('small, cached', 1, 5);
    expect(two.passMs('small, cached', 1)).toBe(5);
    expect(two.passMs('small', 1)).toBe(20);
  });

  it('follows a machine that changes', () => {
    const slowing = measured({ 1: 20 });
    slowing.record('small', 1, 50);
    expect(slowing.passMs('small', 1)).toBe(30);
    for (let i = 0; i < 100; i++) slowing.record('small', 1, 60);
    expect(slowing.passMs('small', 1)).toBeCloseTo(60, 0);
    expect(slowing.table).toEqual([expect.objectContaining({ bucket: 'small', rows: 1, passes: 104 })]);
  });

  it('of the first pass, which allocates, counts until there is a second', () => {
    const costs = measured({});
    costs.record('small', 4, 900);
    expect(costs.passMs('small', 4)).toBe(900);
    costs.record('small', 4, 40);
    expect(costs.passMs('small', 4)).toBe(40);
  });
});

describe('the best number of rows', () => {
  it('is the fewest whose throughput is as good as the best', () => {
    expect(measured({ 1: 17, 2: 30, 4: 55, 8: 111 }).bestRows('small')).toBe(4);
    expect(measured({ 1: 10, 2: 20, 4: 40, 8: 80 }).bestRows('small')).toBe(1);
  });

  /** The rows that a bucket is offered while each pass takes what a formula says. */
  const offered = (costs: CostModel, passMs: (rows: number) => number, passes: number) =>
    Array.from({ length: passes }, () => {
      const rows = costs.bestRows('small');
      costs.record('small', rows, passMs(rows));
      return rows;
    });

  it('grows with trials, three passes each, while larger batches gain', () => {
    const costs = measured({});
    const gaining = (rows: number) => 10 + rows;
    expect(offered(costs, gaining, 22)).toEqual([...[1, 2, 4, 8, 16, 32, 64].flatMap((rows) => [rows, rows, rows]), 64]);
  });

  it('is not looked for beyond a batch that gained nothing', () => {
    const costs = measured({});
    const flatFromFour = (rows: number) => Math.max(40, 10 * rows);
    expect(offered(costs, flatFromFour, 16)).toEqual([1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8, 4, 4, 4, 4]);
  });

  it('is not looked for where passes get long', () => {
    expect(offered(measured({}), (rows) => 100 + 80 * rows, 20).slice(6)).toEqual(Array.from({ length: 14 }, () => 2));
  });

  it('is looked for again where the machine had other work when a batch was measured', () => {
    const costs = measured({ 1: 10, 2: 15, 4: 25, 8: 45 });
    for (let pass = 0; pass < 3; pass++) costs.record('small', 16, 300);
    expect(costs.bestRows('small')).toBe(8);
    const rows = offered(costs, (count) => 5 + 5 * count, 2000);
    expect(rows.indexOf(16)).toBeGreaterThan(200);
    expect(rows.at(-1)).toBeGreaterThan(16);
  });

  it('is not one that load never brings, however quick it was once', () => {
    const costs = measured({ 1: 10, 2: 19, 4: 36, 8: 80 });
    expect(costs.bestRows('small')).toBe(4);
    for (let pass = 0; pass < 200; pass++) {
      costs.record('small', 2, 60);
      costs.record('small', 4, 80);
    }
    expect(costs.bestRows('small')).toBe(8);
    for (let pass = 0; pass < 20; pass++) costs.record('small', 8, 180);
    expect(costs.bestRows('small')).toBe(4);
  });

  it('stays within the memory limit, in a larger bucket too', () => {
    // 1, 2 and 4 rows grew the process by 100 bytes at first: 300 in all, so 8 would take 600.
    const costs = measured({ 1: 10, 2: 11, 4: 12 }, 100, 350);
    expect(costs.passBytes('small', 2)).toBe(200);
    expect(costs.passBytes('small', 8)).toBe(600);
    expect(costs.bestRows('small')).toBe(4);
    costs.open('large', 200, 64);
    expect(costs.passBytes('large', 1)).toBe(400);
    expect(costs.bestRows('large')).toBe(1);
  });

  it('is what was fixed, if memory allows', () => {
    const costs = new CostModel({ batchRows: 6, memoryLimitBytes: 500 });
    costs.open('small', 100, 64);
    costs.record('small', 1, 10, 50);
    expect(costs.bestRows('small')).toBe(6);
    costs.record('small', 2, 20, 200);
    expect(costs.bestRows('small')).toBe(2);
  });
});
