import type { Sums } from './usage-sums.js';

/** What something costs, in the currency of whoever set the price. */
export type Price = (sums: Pick<Sums, 'compute_units' | 'kernel_seconds'>) => number;

/** Writes an amount of money to cents, and what is less than one in two digits, so that it doesn't read as nothing. */
export function amount(value: number): string {
  return value.toLocaleString(
    'en',
    value < 0.1 ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 },
  );
}

/**
 * Prices work by the time of devices where the platform knows what an hour costs, else by what was entered here; undefined where neither is known.
 *
 * @param perHour of a device, as the platform has it.
 * @param perMillion of compute units, as it was typed.
 */
export function priceOf(perHour: number | null, perMillion: string): Price | undefined {
  if (perHour !== null) return ({ kernel_seconds }) => (kernel_seconds / 3_600) * perHour;
  const entered = Number(perMillion);
  return entered > 0 ? ({ compute_units }) => (compute_units / 1e6) * entered : undefined;
}
