import { z } from 'zod';
import { DarkroomError } from '../error/darkroom-error.js';
import type { UsageSum } from '../generated/darkroom/control/v1/control_plane.js';

/** What usage can be summed by; without one of them it is summed over all of its values. */
export const usageGroupings = ['day', 'model', 'key'] as const;

/** One thing that usage can be summed by. */
export type UsageGrouping = (typeof usageGroupings)[number];

/** Most days that one question about usage may span. */
export const maxUsageDays = 400;

const DAY_MS = 24 * 60 * 60 * 1000;

const fromMessage = '`from` must be a date of UTC like "2026-11-01"';
const toMessage = '`to` must be a date of UTC like "2026-11-24"';
const groupByMessage = '`group_by` must be one or more of day, model, key, with commas between them';
const formatMessage = '`format` must be one of "json", "csv"';

/** Query of `GET /v1/usage`. */
export const usageSummaryQuery = z.strictObject({
  from: z.iso
    .date(fromMessage)
    .optional()
    .meta({ description: 'The first day, in UTC; that of the month of `to` when left out.' }),
  to: z.iso.date(toMessage).optional().meta({ description: 'The last day, which is counted too; today when left out.' }),
  group_by: z
    .string(groupByMessage)
    .regex(/^(day|model|key)(,(day|model|key)){0,2}$/, groupByMessage)
    .default('day')
    .meta({ description: 'What to sum by: `day`, `model`, `key`, with commas between them.', examples: ['day,model'] }),
  format: z
    .enum(['json', 'csv'], formatMessage)
    .optional()
    .meta({ description: 'JSON unless the header `Accept` asks for `text/csv`.' }),
});

const lineSums = {
  generations: z.int(),
  images: z.int(),
  compute_units: z.number(),
  kernel_seconds: z.number().meta({ description: 'Time of devices, over all stages.' }),
  succeeded: z.int().meta({ description: 'Generations that succeeded.' }),
  cancelled: z.int().meta({ description: 'Those that were cancelled, charged for what they used.' }),
  deadline_exceeded: z.int().meta({ description: 'Those whose deadline passed, charged for what they used.' }),
};

/** One line of a summary of usage; `date`, `model` and `key` where it was summed by them. */
export const usageLineBody = z
  .object({ date: z.string().optional(), model: z.string().optional(), key: z.string().optional(), ...lineSums })
  .meta({ id: 'UsageLine' });

/** Answer of `GET /v1/usage`. */
export const usageSummaryBody = z
  .object({
    object: z.literal('list'),
    from: z.string(),
    to: z.string(),
    data: z.array(usageLineBody),
  })
  .meta({ id: 'UsageSummary' });

const bucketBody = z.object({
  limit: z.int(),
  remaining: z.int(),
  reset_seconds: z.number().meta({ description: 'Until all of it is there again.' }),
});

/** Answer of `GET /v1/usage/limits`; what is null has no limit. */
export const usageLimitsBody = z
  .object({
    object: z.literal('usage_limits'),
    requests_per_minute: bucketBody.nullable(),
    key_requests_per_minute: bucketBody.nullable().meta({ description: 'Of this key alone.' }),
    compute_units_per_minute: bucketBody.nullable(),
    compute_units_per_month: z.object({
      limit: z.int().nullable(),
      used: z.number().meta({ description: 'With what has begun, where there is a limit.' }),
      remaining: z.number().nullable(),
      resets_at: z.string(),
    }),
    concurrent_generations: z.object({ limit: z.int(), running: z.int(), remaining: z.int() }).nullable(),
  })
  .meta({ id: 'UsageLimits' });

/** JSON of one line of a summary of usage. */
export type UsageLineBody = z.infer<typeof usageLineBody>;
/** JSON of a summary of usage. */
export type UsageSummaryBody = z.infer<typeof usageSummaryBody>;
/** JSON of a tenant's limits and what is left of them. */
export type UsageLimitsBody = z.infer<typeof usageLimitsBody>;

/** What a summary of usage is to be of. */
export interface UsagePeriod {
  /** Dates of UTC; both are counted. */
  readonly from: string;
  readonly to: string;
  /** Unix milliseconds: the first one, and the first one that is not in it any more. */
  readonly fromMs: number;
  readonly endMs: number;
  readonly groupBy: readonly UsageGrouping[];
}

/**
 * Reads the days and the grouping of a query, and fills in what it leaves out.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when the last day is before the first one, or too far from it.
 */
export function parseUsagePeriod(
  { from, to, group_by: groupBy }: Pick<z.output<typeof usageSummaryQuery>, 'from' | 'to' | 'group_by'>,
  nowMs = Date.now(),
): UsagePeriod {
  const lastDay = to ?? new Date(nowMs).toISOString().slice(0, 10);
  const firstDay = from ?? `${lastDay.slice(0, 8)}01`;
  const fromMs = Date.parse(firstDay);
  const endMs = Date.parse(lastDay) + DAY_MS;
  const days = (endMs - fromMs) / DAY_MS;
  if (days < 1) throw invalid('`from` must not be after `to`', 'from');
  if (days > maxUsageDays) throw invalid(`\`from\` must be at most ${maxUsageDays} days before the end of \`to\``, 'from');
  const wanted = groupBy.split(',');
  return { from: firstDay, to: lastDay, fromMs, endMs, groupBy: usageGroupings.filter((name) => wanted.includes(name)) };
}

/** A sum of the ledger as the HTTP API shows it, with what it was summed by. */
export function viewUsageSum(sum: UsageSum, groupBy: readonly UsageGrouping[]): UsageLineBody {
  return {
    ...(groupBy.includes('day') && { date: sum.date }),
    ...(groupBy.includes('model') && { model: sum.model }),
    ...(groupBy.includes('key') && { key: sum.keyId }),
    generations: sum.generations,
    images: sum.images,
    compute_units: sum.computeUnits,
    kernel_seconds: sum.kernelSeconds,
    succeeded: sum.succeeded,
    cancelled: sum.cancelled,
    deadline_exceeded: sum.deadlineExceeded,
  };
}

/** Columns of groupings; operators can sum by tenant too. */
const columnOf = { day: 'date', tenant: 'tenant', model: 'model', key: 'key' } as const;

/** Writes lines of usage as CSV by RFC 4180, with a header line; its columns are those of the grouping and then the sums. */
export function usageCsv(
  lines: readonly (UsageLineBody & { readonly tenant?: string })[],
  groupBy: readonly (keyof typeof columnOf)[],
): string {
  const columns = [...groupBy.map((name) => columnOf[name]), ...(Object.keys(lineSums) as (keyof typeof lineSums)[])];
  const rows = lines.map((line) => columns.map((column) => csvField(String(line[column] ?? ''))));
  return [columns, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function invalid(message: string, param: string): DarkroomError {
  return new DarkroomError({ code: 'invalid_argument', message, param });
}
