import type { AdminUsageLineBody } from '@darkroom/contracts/admin';
import { describe, expect, it } from 'vitest';
import { byDay, daysOf, summed, total } from './usage-sums.js';

const line = (date: string, model: string, compute_units: number): AdminUsageLineBody => ({
  date,
  model,
  generations: 1,
  images: 2,
  compute_units,
  kernel_seconds: 0.5,
  succeeded: 1,
  cancelled: 0,
  deadline_exceeded: 0,
});
const lines = [line('2026-02-28', 'small', 10), line('2026-03-02', 'large', 50), line('2026-03-02', 'small', 20)];

describe('usage', () => {
  it('is summed by what is asked for, the most first, days in order', () => {
    expect(summed(lines, 'model').map(({ name, compute_units, images }) => [name, compute_units, images])).toEqual([
      ['large', 50, 2],
      ['small', 30, 4],
    ]);
    expect(summed(lines, 'date').map(({ name, generations }) => [name, generations])).toEqual([
      ['2026-02-28', 1],
      ['2026-03-02', 2],
    ]);
    expect(total(lines)).toMatchObject({ compute_units: 80, kernel_seconds: 1.5, succeeded: 3 });
  });

  it('has a value for every day, also those without any', () => {
    const days = daysOf('2026-02-28', '2026-03-02');
    expect(days).toEqual(['2026-02-28', '2026-03-01', '2026-03-02']);
    expect(byDay(lines, days)).toEqual([10, 0, 70]);
    expect(daysOf('2026-03-02', '2026-03-01')).toEqual([]);
  });
});
