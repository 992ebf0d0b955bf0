import { expect, it } from 'vitest';
import { amount, priceOf } from './price.js';

it("the platform's price of an hour goes before what was entered in the browser, and 0 is a price", () => {
  const sums = { compute_units: 3_000_000, kernel_seconds: 1_800 };
  expect(priceOf(4, '7')?.(sums)).toBe(2);
  expect(priceOf(0, '7')?.(sums)).toBe(0);
  expect(priceOf(null, '7')?.(sums)).toBe(21);
  for (const nothing of ['', '0', 'a lot', '-1']) expect(priceOf(null, nothing)).toBeUndefined();
});

it('amounts are told to cents, or in two digits where they are less', () => {
  expect([1_234.5, 0.126, 0.0034567, 0].map(amount)).toEqual(['1,234.50', '0.13', '0.0035', '0']);
});
