import { expect, it } from 'vitest';
import { passTimesOf } from './pass-times.js';

it('keeps the slowest pass of each size and number of rows', () => {
  const pass = (bucket: string, pixels: number, rows: number, passMs: number) => ({
    bucket,
    pixels,
    rows,
    passMs,
    bytes: 0,
    passes: 3,
  });
  const costs = [pass('a', 4096, 1, 5), pass('a', 4096, 2, 7), pass('a|first-block-cache', 4096, 2, 4), pass('b', 8192, 2, 13)];
  expect(passTimesOf(costs)).toEqual([
    { pixels: 4096, rows: 1, ms: 5 },
    { pixels: 4096, rows: 2, ms: 7 },
    { pixels: 8192, rows: 2, ms: 13 },
  ]);
  expect(passTimesOf([])).toEqual([]);
});
