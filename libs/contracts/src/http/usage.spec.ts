import { describe, expect, it } from 'vitest';
import { parseStrictly } from './parse-strictly.js';
import { parseUsagePeriod, usageCsv, usageSummaryQuery } from './usage.js';

const now = Date.UTC(2026, 10, 24, 23, 59, 59, 999);
const period = (query: object) => parseUsagePeriod(parseStrictly(usageSummaryQuery, query), now);

describe('the days of a summary', () => {
  it('are those of this month unless told otherwise, whole days of UTC', () => {
    expect(period({})).toEqual({
      from: '2026-11-01',
      to: '2026-11-24',
      fromMs: Date.UTC(2026, 10, 1),
      endMs: Date.UTC(2026, 10, 25),
      groupBy: ['day'],
    });
    expect(period({ to: '2026-03-31', group_by: 'key,day' })).toMatchObject({ from: '2026-03-01', groupBy: ['day', 'key'] });
  });

  it('are 1 to 400', () => {
    expect(period({ from: '2026-11-24' }).endMs - period({ from: '2026-11-24' }).fromMs).toBe(86_400_000);
    expect(period({ from: '2025-10-21' }).from).toBe('2025-10-21');
    for (const from of ['2026-11-25', '2025-10-20']) {
      expect(() => period({ from })).toThrow(expect.objectContaining({ code: 'invalid_argument', param: 'from' }));
    }
  });

  it.each([
    ['from', { from: '2026-02-29' }],
    ['to', { to: '24.11.2026' }],
    ['to', { to: '2026-11-24T00:00:00Z' }],
    ['group_by', { group_by: 'tenant' }],
    ['group_by', { group_by: '' }],
    ['group_by', { group_by: 'day, model' }],
    ['format', { format: 'xml' }],
    ['days', { days: '3' }],
  ])('are refused with %s: %j', (param, query) => {
    expect(() => period(query)).toThrow(expect.objectContaining({ code: 'invalid_argument', param }));
  });
});

describe('CSV', () => {
  it('has a header line, the columns that were asked for, and quotes after RFC 4180', () => {
    const sums = {
      generations: 2,
      images: 3,
      compute_units: 40,
      kernel_seconds: 0.5,
      succeeded: 1,
      cancelled: 1,
      deadline_exceeded: 0,
    };
    const lines = [
      { model: 'plain', ...sums },
      { model: 'a "b",\nc', ...sums },
    ];
    expect(usageCsv(lines, ['model'])).toBe(
      'model,generations,images,compute_units,kernel_seconds,succeeded,cancelled,deadline_exceeded\r\n' +
        'plain,2,3,40,0.5,1,1,0\r\n' +
        '"a ""b"",\nc",2,3,40,0.5,1,1,0\r\n',
    );
    expect(usageCsv([], ['day', 'key'])).toMatch(/^date,key,generations,[a-z_,]+\r\n$/);
  });
});
