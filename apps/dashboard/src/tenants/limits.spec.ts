import type { TenantBody } from '@darkroom/contracts/admin';
import { describe, expect, it } from 'vitest';
import { changeOf, formOf } from './limits.js';

const tenant: TenantBody = {
  id: 'ten_1',
  name: 'films',
  created_at: '2026-11-29T00:00:00Z',
  weight: null,
  requests_per_minute: 60,
  compute_units_per_minute: null,
  compute_units_per_month: 3_000_000_000,
  concurrent_generations: null,
  models: ['pocket'],
  defaults: { steps: 4 },
  policy_digest: null,
};

describe('changeOf', () => {
  it('is nothing while nothing was changed', () => {
    expect(changeOf(formOf(tenant), tenant)).toEqual({});
  });

  it('has what differs, null for what was emptied, and what is no number as it was typed', () => {
    const form = {
      ...formOf(tenant),
      weight: '2.5',
      requests_per_minute: ' ',
      models: 'pocket  turbo',
      concurrent_generations: 'ten',
    };
    expect(changeOf(form, tenant)).toEqual({
      weight: 2.5,
      requests_per_minute: null,
      models: ['pocket', 'turbo'],
      concurrent_generations: 'ten',
    });
    expect(changeOf({ ...form, ...formOf(tenant), models: '', defaults: '' }, tenant)).toEqual({ models: null, defaults: null });
  });

  it('refuses defaults that are no JSON, naming the field', () => {
    expect(() => changeOf({ ...formOf(tenant), defaults: '{' }, tenant)).toThrow(expect.objectContaining({ param: 'defaults' }));
  });
});
