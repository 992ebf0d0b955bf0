import { DarkroomError, type Scope, scopes, type Tenant, type VerifyKeyResponse } from '@darkroom/contracts';
import type { GenerationDefaults } from '@darkroom/contracts/http';
import type { FastifyRequest } from 'fastify';

/** Whose key a request carries, and what it may do. */
export interface Caller {
  readonly tenantId: string;
  readonly keyId: string;
  readonly scopes: readonly Scope[];
  readonly tenant: CallerTenant;
  /** Of this key alone; absent for no limit. */
  readonly requestsPerMinute: number | undefined;
}

/** What a tenant may have, and how its requests are filled in; a limit that is absent is none. */
export interface CallerTenant {
  /** Share of compute beside other tenants that have work; 1 is usual. */
  readonly weight: number;
  readonly requestsPerMinute: number | undefined;
  /** Compute units: pixels × steps × guidance passes. */
  readonly computeUnitsPerMinute: number | undefined;
  readonly computeUnitsPerMonth: number | undefined;
  /** What the ledger had of the month in which it was asked. */
  readonly monthlyUsage: MonthlyUsage;
  readonly concurrentGenerations: number | undefined;
  /** Absent for all. */
  readonly models: readonly string[] | undefined;
  readonly defaults: GenerationDefaults;
  /** Digest of the moderation policy that it has of its own; empty for the default. */
  readonly policyDigest: string;
}

/** What a tenant used in the month of a moment. */
export interface MonthlyUsage {
  readonly computeUnits: number;
  /** Unix milliseconds at which the ledger was asked; what has ended before that is in it. */
  readonly asOfMs: number;
}

/** The limits of tenants that have none of their own, as the configuration names them. */
export interface DefaultLimits {
  readonly defaultRequestsPerMinute: number | undefined;
  readonly defaultComputeUnitsPerMinute: number | undefined;
  readonly defaultComputeUnitsPerMonth: number | undefined;
  readonly defaultConcurrentGenerations: number | undefined;
}

const callers = new WeakMap<FastifyRequest, Caller>();

/** Remembers whose request this is, for as long as the request lives. */
export function setCaller(request: FastifyRequest, caller: Caller): void {
  callers.set(request, caller);
}

/**
 * Returns whose request this is.
 *
 * @throws {DarkroomError} Thrown with `unauthenticated` on a route that asks for no key, which would be a mistake of ours.
 */
export function callerOf(request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (caller === undefined) throw new DarkroomError({ code: 'unauthenticated', message: 'the request carries no API key' });
  return caller;
}

/** Reads whose a key is as the control plane tells it. */
export function readCaller(key: VerifyKeyResponse, byDefault: DefaultLimits, asOfMs: number): Caller {
  return {
    tenantId: key.tenantId,
    keyId: key.keyId,
    scopes: key.scopes.filter(isScope),
    tenant: readTenant(key.tenant, byDefault, asOfMs),
    requestsPerMinute: key.requestsPerMinute || undefined,
  };
}

/** Reads a tenant as the control plane tells it, with the platform's limits where it has none of its own. */
function readTenant(tenant: Tenant | undefined, byDefault: DefaultLimits, asOfMs: number): CallerTenant {
  return {
    weight: tenant?.weight || 1,
    requestsPerMinute: tenant?.requestsPerMinute || byDefault.defaultRequestsPerMinute,
    computeUnitsPerMinute: tenant?.computeUnitsPerMinute || byDefault.defaultComputeUnitsPerMinute,
    computeUnitsPerMonth: tenant?.computeUnitsPerMonth || byDefault.defaultComputeUnitsPerMonth,
    monthlyUsage: { computeUnits: tenant?.computeUnitsThisMonth ?? 0, asOfMs },
    concurrentGenerations: tenant?.concurrentGenerations || byDefault.defaultConcurrentGenerations,
    models: tenant?.models.length ? tenant.models : undefined,
    // The control plane has checked them.
    defaults: tenant?.defaultsJson ? (JSON.parse(tenant.defaultsJson) as GenerationDefaults) : {},
    policyDigest: tenant?.policyDigest ?? '',
  };
}

/** A newer control plane may know scopes that this gateway has no routes for. */
function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}
