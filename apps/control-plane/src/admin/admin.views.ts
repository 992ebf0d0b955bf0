import type { AdminUsageGrouping, AdminUsageLineBody, KeyBody, TenantBody } from '@darkroom/contracts/admin';
import { viewUsageSum } from '@darkroom/contracts/http';
import type { ApiKey } from '../keys/key.repository.js';
import type { Tenant } from '../tenants/tenant.repository.js';
import type { UsageEntry } from '../usage/usage.repository.js';
import type { TenantUsageSum } from '../usage/usage-summary.js';

/** A tenant as the admin API shows it. */
export function viewTenant(tenant: Tenant): TenantBody {
  return {
    id: tenant.id,
    name: tenant.name,
    created_at: tenant.createdAt.toISOString(),
    weight: tenant.weight,
    requests_per_minute: tenant.requestsPerMinute,
    compute_units_per_minute: tenant.computeUnitsPerMinute,
    compute_units_per_month: tenant.computeUnitsPerMonth,
    concurrent_generations: tenant.concurrentGenerations,
    models: tenant.models,
    defaults: tenant.defaults,
    policy_digest: tenant.policyDigest,
  };
}

/** A key as the admin API shows it: never its secret, nor its hash. */
export function viewKey(key: ApiKey): KeyBody {
  return {
    id: key.id,
    tenant: key.tenantId,
    name: key.name,
    prefix: key.prefix,
    scopes: key.scopes,
    requests_per_minute: key.requestsPerMinute,
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}

/** A line of the ledger as the admin API shows it. */
export function viewUsage(entry: UsageEntry) {
  return {
    generation_id: entry.generationId,
    tenant: entry.tenantId,
    key: entry.keyId,
    model: entry.model,
    images: entry.imageCount,
    width: entry.width,
    height: entry.height,
    steps: entry.steps,
    guidance_passes: entry.guidancePasses,
    evaluations: entry.evaluations,
    outcome: entry.outcome,
    compute_units: entry.computeUnits,
    kernel_ms: entry.kernelMs,
    recorded_at: entry.recordedAt.toISOString(),
  };
}

/** A sum of the ledger as the admin API shows it, with what it was summed by. */
export function viewSum(sum: TenantUsageSum, groupBy: readonly AdminUsageGrouping[]): AdminUsageLineBody {
  const others = groupBy.filter((name) => name !== 'tenant');
  return { ...(groupBy.includes('tenant') && { tenant: sum.tenantId }), ...viewUsageSum(sum, others) };
}
