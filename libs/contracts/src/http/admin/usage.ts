import type { UsageLineBody, UsageSummaryBody } from '../usage.js';

/** What operators can sum usage by: beside what tenants can, by tenant. */
export const adminUsageGroupings = ['day', 'tenant', 'model', 'key'] as const;

/** One thing that operators can sum usage by. */
export type AdminUsageGrouping = (typeof adminUsageGroupings)[number];

/** One line of a summary of usage; `tenant` where it was summed by tenants. */
export interface AdminUsageLineBody extends UsageLineBody {
  readonly tenant?: string;
}

/** A summary of usage, of one tenant or all. */
export interface AdminUsageSummaryBody extends Omit<UsageSummaryBody, 'data'> {
  readonly data: readonly AdminUsageLineBody[];
  /** What an hour of a device costs, in any currency; null where the control plane was not told. */
  readonly device_price_per_hour: number | null;
}
