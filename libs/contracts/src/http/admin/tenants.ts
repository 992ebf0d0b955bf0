import type { Scope } from '../../scopes.js';
import type { GenerationDefaults } from '../generation-defaults.js';

/** A tenant; a limit that is null is the gateway's default. */
export interface TenantBody {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  /** Its share of the queue beside other tenants'; null is 1. */
  readonly weight: number | null;
  readonly requests_per_minute: number | null;
  readonly compute_units_per_minute: number | null;
  readonly compute_units_per_month: number | null;
  readonly concurrent_generations: number | null;
  /** Names of the models that it may use; null for all. */
  readonly models: readonly string[] | null;
  /** Parameters that its requests have where they give none. */
  readonly defaults: GenerationDefaults | null;
  /** Of its own moderation policy; null for the default. */
  readonly policy_digest: string | null;
}

/** A tenant as it is shown alone. */
export interface WholeTenantBody extends TenantBody {
  /** What the ledger has of it since the month began, in UTC. */
  readonly compute_units_this_month: number;
}

/** What changes a tenant: null takes a limit away, what is left out stays. */
export type TenantChangeBody = Partial<Omit<TenantBody, 'id' | 'name' | 'created_at' | 'policy_digest' | 'defaults'>> & {
  readonly defaults?: unknown;
};

/** An API key, without its secret. */
export interface KeyBody {
  readonly id: string;
  /** Id of its tenant. */
  readonly tenant: string;
  readonly name: string;
  /** How its secret begins. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  readonly requests_per_minute: number | null;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
}

/** A key with its secret, which is told once, when it is issued. */
export interface IssuedKeyBody extends KeyBody {
  readonly secret: string;
}

/** What a key is issued with. */
export interface NewKeyBody {
  readonly name: string;
  readonly tenant?: string;
  readonly scopes?: readonly Scope[];
  readonly expires_in_days?: number;
  readonly requests_per_minute?: number;
}
