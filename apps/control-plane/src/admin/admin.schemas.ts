import { scopes } from '@darkroom/contracts';
import { adminUsageGroupings } from '@darkroom/contracts/admin';
import { usageSummaryQuery } from '@darkroom/contracts/http';
import { z } from 'zod';

/** Largest limits that a tenant or key can have; whoever wants more wants none. */
const ranges = {
  weight: { min: 0.01, max: 100 },
  requests_per_minute: { min: 1, max: 1_000_000 },
  compute_units_per_minute: { min: 1, max: 1e15 },
  compute_units_per_month: { min: 1, max: 1e15 },
  concurrent_generations: { min: 1, max: 100_000 },
  expires_in_days: { min: 1, max: 3_650 },
} as const;

const name = (param: string) => {
  const message = `\`${param}\` must be a text of 1 to 100 characters`;
  return z.string(message).trim().min(1, message).max(100, message);
};

function whole(param: keyof typeof ranges) {
  const { min, max } = ranges[param];
  const message = `\`${param}\` must be a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message);
}

const scopesMessage = `\`scopes\` must be a list of ${scopes.map((scope) => `"${scope}"`).join(', ')}, at least one of them`;
const expiresAtMessage =
  '`expires_at` must be a date and time of RFC 3339 with its offset, like "2027-01-01T00:00:00Z", in the future';
const weightMessage = `\`weight\` must be a number from ${ranges.weight.min} to ${ranges.weight.max}, or null for 1`;
const modelsMessage = '`models` must be a list of names of models, at least one, or null for all';
const groupByMessage = `\`group_by\` must be one or more of ${adminUsageGroupings.join(', ')}, with commas between them`;
const oneGrouping = `(${adminUsageGroupings.join('|')})`;
const groupByPattern = new RegExp(`^${oneGrouping}(,${oneGrouping}){0,${adminUsageGroupings.length - 1}}$`);
const limitMessage = '`limit` must be a whole number from 1 to 1000';

export const newTenantBody = z.strictObject({ name: name('name') });

export const newKeyBody = z.strictObject({
  name: name('name'),
  tenant: name('tenant').optional(),
  scopes: z.array(z.enum(scopes, scopesMessage), scopesMessage).min(1, scopesMessage).optional(),
  expires_at: z.iso
    .datetime({ offset: true, error: expiresAtMessage })
    .transform((text) => new Date(text))
    .refine((date) => date.getTime() > Date.now(), expiresAtMessage)
    .optional(),
  expires_in_days: whole('expires_in_days').optional(),
  requests_per_minute: whole('requests_per_minute').nullish(),
});

/** Null takes a limit away; what is left out stays as it is. `defaults` are checked by their own schema. */
export const tenantChangeBody = z.strictObject({
  weight: z
    .number(weightMessage)
    .min(ranges.weight.min, weightMessage)
    .max(ranges.weight.max, weightMessage)
    .nullable()
    .optional(),
  requests_per_minute: whole('requests_per_minute').nullable().optional(),
  compute_units_per_minute: whole('compute_units_per_minute').nullable().optional(),
  compute_units_per_month: whole('compute_units_per_month').nullable().optional(),
  concurrent_generations: whole('concurrent_generations').nullable().optional(),
  models: z
    .array(z.string(modelsMessage).regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, modelsMessage), modelsMessage)
    .min(1, modelsMessage)
    .nullable()
    .optional(),
  defaults: z.unknown().optional(),
});

export const keyQuery = z.strictObject({ tenant: name('tenant').optional() });
/** As for tenants themselves; without a tenant, of all of them. */
export const usageSummaryOfTenantQuery = usageSummaryQuery.extend({
  tenant: name('tenant').optional(),
  group_by: z.string(groupByMessage).regex(groupByPattern, groupByMessage).default('day'),
});
export const usageQuery = z.strictObject({
  generation_id: name('generation_id').optional(),
  tenant: name('tenant').optional(),
  before: name('before').optional(),
  limit: z.coerce.number(limitMessage).int(limitMessage).min(1, limitMessage).max(1000, limitMessage).default(100),
});
