import type { VerifyKeyResponse } from '@darkroom/contracts';
import type { Tenant } from '../tenants/tenant.repository.js';
import { viewTerms } from '../tenants/tenant-terms.js';
import type { ApiKey } from './key.repository.js';

/** What a key may do and its tenant may have, as gateways hear of it. */
export function viewVerifiedKey(key: ApiKey, tenant: Tenant, computeUnitsThisMonth: number): VerifyKeyResponse {
  return {
    tenantId: key.tenantId,
    keyId: key.id,
    scopes: key.scopes,
    tenant: viewTerms(tenant, computeUnitsThisMonth),
    requestsPerMinute: key.requestsPerMinute ?? 0,
    expiresAtMs: key.expiresAt?.getTime() ?? 0,
  };
}
