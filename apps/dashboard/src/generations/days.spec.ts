import { expect, it } from 'vitest';
import { momentsOf } from './days.js';

it('days are counted from their first moment to their last', () => {
  expect(momentsOf('2028-02-28', '2028-02-28')).toEqual({ from: '2028-02-28T00:00:00Z', to: '2028-02-29T00:00:00.000Z' });
  expect(momentsOf('', '2026-12-31')).toEqual({ from: '', to: '2027-01-01T00:00:00.000Z' });
  expect(momentsOf('', '')).toEqual({ from: '', to: '' });
  expect(momentsOf('', 'some day')).toEqual({ from: '', to: 'some day' });
});
