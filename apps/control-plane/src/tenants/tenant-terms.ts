import type { Tenant as TenantTerms } from '@darkroom/contracts';
import type { Tenant } from './tenant.repository.js';

/** A tenant's limits and defaults as the other services hear of them. */
export function viewTerms(tenant: Tenant, computeUnitsThisMonth: number): TenantTerms {
  return {
    weight: tenant.weight ?? 1,
    requestsPerMinute: tenant.requestsPerMinute ?? 0,
    computeUnitsPerMinute: tenant.computeUnitsPerMinute ?? 0,
    computeUnitsPerMonth: tenant.computeUnitsPerMonth ?? 0,
    computeUnitsThisMonth,
    concurrentGenerations: tenant.concurrentGenerations ?? 0,
    models: tenant.models ?? [],
    defaultsJson: tenant.defaults === null ? '' : JSON.stringify(tenant.defaults),
    policyDigest: tenant.policyDigest ?? '',
  };
}
