import type { ApiKey } from '../keys/key.repository.js';
import type { Tenant } from '../tenants/tenant.repository.js';
import type { UsageEntry } from '../usage/usage.repository.js';

/** A tenant as the admin API shows it. */
export function viewTenant({ id, name, createdAt }: Tenant) {
  return { id, name, created_at: createdAt.toISOString() };
}

/** A key as the admin API shows it: never its secret, nor its hash. */
export function viewKey({ id, tenantId, name, prefix, createdAt, revokedAt }: ApiKey) {
  return {
    id,
    tenant: tenantId,
    name,
    prefix,
    created_at: createdAt.toISOString(),
    revoked_at: revokedAt?.toISOString() ?? null,
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
