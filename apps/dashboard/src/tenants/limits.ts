import type { TenantBody, TenantChangeBody } from '@darkroom/contracts/admin';
import { ApiError } from '../api/request.js';

/** A number that a tenant's terms have. */
export type LimitName =
  | 'weight'
  | 'requests_per_minute'
  | 'compute_units_per_minute'
  | 'compute_units_per_month'
  | 'concurrent_generations';

/** What each limit is called, its unit, and what it means. */
export const limits: readonly { readonly name: LimitName; readonly label: string; readonly hint: string }[] = [
  {
    name: 'requests_per_minute',
    label: 'Requests a minute',
    hint: 'Of all its keys together. Empty: the gateway’s default.',
  },
  {
    name: 'compute_units_per_minute',
    label: 'Compute units a minute',
    hint: 'One unit is one pixel in one step: 1024 × 1024 in 8 steps is 8.4 million. Empty: the default.',
  },
  {
    name: 'compute_units_per_month',
    label: 'Compute units a month',
    hint: 'Counted anew from the first of each month, in UTC. Empty: the default.',
  },
  {
    name: 'concurrent_generations',
    label: 'Generations at once',
    hint: 'How many may wait or run at the same time. Empty: the default.',
  },
  { name: 'weight', label: 'Weight', hint: 'Its share of the queue beside others, 0.01 to 100. Empty: 1.' },
];

/** What the form of a tenant has, as typed. */
export type TenantForm = Readonly<Record<LimitName | 'models' | 'defaults', string>>;

/** Fills the form from a tenant. */
export function formOf(tenant: TenantBody): TenantForm {
  const numbers = Object.fromEntries(limits.map(({ name }) => [name, tenant[name]?.toString() ?? '']));
  return {
    ...(numbers as Record<LimitName, string>),
    models: tenant.models?.join(', ') ?? '',
    defaults: tenant.defaults === null ? '' : JSON.stringify(tenant.defaults, null, 2),
  };
}

/**
 * Makes a change of what differs between the form and the tenant; numbers are left to the server to judge.
 *
 * @throws ApiError when the defaults are no JSON, which the server could not be told.
 */
export function changeOf(form: TenantForm, tenant: TenantBody): TenantChangeBody {
  const before = formOf(tenant);
  const numbers = limits
    .filter(({ name }) => form[name].trim() !== before[name])
    .map(({ name }) => [name, form[name].trim() === '' ? null : asNumber(form[name])]);
  const models = form.models.split(/[\s,]+/).filter((name) => name !== '');
  return {
    ...(Object.fromEntries(numbers) as TenantChangeBody),
    ...(form.models !== before.models && { models: models.length === 0 ? null : models }),
    ...(form.defaults !== before.defaults && { defaults: form.defaults.trim() === '' ? null : asJson(form.defaults) }),
  };
}

/** A limit as a table shows it. */
export function limitInWords(limit: number | null): string {
  return limit === null ? 'default' : inShort(limit);
}

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });

/** A large number as a person says it, like 1.2M. */
export function inShort(value: number): string {
  return short.format(value);
}

/** What is no number stays as it was typed, and the server says what it should be. */
function asNumber(text: string): number {
  const number = Number(text);
  return Number.isNaN(number) ? (text as unknown as number) : number;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(0, 'invalid_argument', `This is no JSON: ${(error as Error).message}`, 'defaults');
  }
}
