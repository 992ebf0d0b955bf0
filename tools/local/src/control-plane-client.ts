import { LocalError } from './config.js';

/** The whole audit log may have millions of entries. */
const READING_ALL_MS = 15 * 60_000;

/** An API key as the control plane tells it; `secret` only in the answer that creates it. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly prefix: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
  readonly secret?: string;
}

/** What a new API key is to be; the control plane checks it. */
export interface NewApiKey {
  readonly name: string;
  readonly tenant?: string;
  readonly scopes?: readonly string[];
  readonly expires_in_days?: number;
  readonly requests_per_minute?: number;
}

/** A tenant's limits as the control plane tells them; null is none. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly weight: number | null;
  readonly requests_per_minute: number | null;
  readonly compute_units_per_minute: number | null;
  readonly compute_units_per_month: number | null;
  readonly concurrent_generations: number | null;
  readonly models: readonly string[] | null;
}

/** What is to change of a tenant; null takes a limit away. */
export type TenantChange = Partial<Omit<Tenant, 'id' | 'name'>>;

/** Who signs in to the dashboard with a password, as the control plane tells it. */
export interface Operator {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly created_at: string;
  readonly last_sign_in_at: string | null;
  readonly disabled_at: string | null;
}

/** A model as the control plane tells it. */
export interface Model {
  readonly name: string;
  readonly state: string;
  readonly digest: string | null;
  readonly workers: number | null;
  readonly registration: { readonly digest: string; readonly source: string; readonly standing: string } | null;
}

/** Which revision a model is meant to be. */
export interface NewRegistration {
  readonly digest: string;
  readonly source: string;
  readonly required: boolean;
}

/** An entry of the audit log as the control plane tells it. */
export interface AuditEntry {
  readonly sequence: number;
  readonly id: string;
  readonly kind: string;
  readonly at: string;
  readonly hash: string;
  readonly decision?: {
    readonly tenant: string;
    readonly generation_id: string;
    readonly stage: string;
    readonly action: string;
    readonly category: string | null;
    readonly reason: string | null;
    readonly policy_version: string;
  };
  readonly operator?: {
    readonly name: string;
    readonly action: string;
    readonly subject: string | null;
    readonly outcome: string;
  };
}

/** Whether the audit log is as it was written. */
export interface Verification {
  readonly intact: boolean;
  readonly entries: number;
  readonly hash: string;
  readonly problems: readonly { readonly sequence: number; readonly what: string }[];
}

/** What came of making all decisions again. */
export interface Replay {
  readonly decisions: number;
  readonly same: number;
  readonly different: number;
  readonly unknown_policy: number;
  readonly examples: readonly string[];
}

/** Calls the control plane's admin API. */
export class ControlPlaneClient {
  readonly #baseUrl: string;
  readonly #adminToken: string;

  constructor(baseUrl: string, adminToken: string) {
    this.#baseUrl = baseUrl;
    this.#adminToken = adminToken;
  }

  /** Makes a tenant of that name unless there is one. */
  async ensureTenant(name: string): Promise<void> {
    const tenants = await this.listTenants();
    if (!tenants.some((tenant) => tenant.name === name)) await this.#call('POST', '/admin/v1/tenants', { name });
  }

  async listTenants(): Promise<Tenant[]> {
    const { data } = await this.#call<{ data: Tenant[] }>('GET', '/admin/v1/tenants');
    return data;
  }

  changeTenant(idOrName: string, change: TenantChange): Promise<Tenant> {
    return this.#call('PATCH', `/admin/v1/tenants/${encodeURIComponent(idOrName)}`, change);
  }

  createKey(input: NewApiKey): Promise<ApiKey & { secret: string }> {
    return this.#call('POST', '/admin/v1/keys', input);
  }

  async listKeys(): Promise<ApiKey[]> {
    const { data } = await this.#call<{ data: ApiKey[] }>('GET', '/admin/v1/keys');
    return data;
  }

  revokeKey(id: string): Promise<ApiKey> {
    return this.#call('DELETE', `/admin/v1/keys/${encodeURIComponent(id)}`);
  }

  async listOperators(): Promise<Operator[]> {
    const { data } = await this.#call<{ data: Operator[] }>('GET', '/admin/v1/operators');
    return data;
  }

  createOperator(input: { readonly name: string; readonly role: string }): Promise<Operator & { password: string }> {
    return this.#call('POST', '/admin/v1/operators', input);
  }

  changeOperator(id: string, change: { readonly role?: string; readonly disabled?: boolean }): Promise<Operator> {
    return this.#call('PATCH', `/admin/v1/operators/${encodeURIComponent(id)}`, change);
  }

  resetOperator(id: string): Promise<Operator & { password: string }> {
    return this.#call('POST', `/admin/v1/operators/${encodeURIComponent(id)}/password`);
  }

  async listModels(): Promise<Model[]> {
    const { data } = await this.#call<{ data: Model[] }>('GET', '/admin/v1/models');
    return data;
  }

  registerModel(name: string, registration: NewRegistration): Promise<Model> {
    return this.#call('PUT', `/admin/v1/models/${encodeURIComponent(name)}/registration`, registration);
  }

  async unregisterModel(name: string): Promise<void> {
    await this.#call('DELETE', `/admin/v1/models/${encodeURIComponent(name)}/registration`);
  }

  async listAudit(filter: Readonly<Record<string, string>>): Promise<AuditEntry[]> {
    const { data } = await this.#call<{ data: AuditEntry[] }>('GET', `/admin/v1/audit?${new URLSearchParams(filter)}`);
    return data;
  }

  showAudit(id: string): Promise<AuditEntry> {
    return this.#call('GET', `/admin/v1/audit/${encodeURIComponent(id)}`);
  }

  verifyAudit(anchor: Readonly<Record<string, string>> = {}): Promise<Verification> {
    return this.#call('GET', `/admin/v1/audit/verify?${new URLSearchParams(anchor)}`, undefined, READING_ALL_MS);
  }

  replayDecisions(): Promise<Replay> {
    return this.#call('GET', '/admin/v1/replay', undefined, READING_ALL_MS);
  }

  /** Returns a back-up of the database, without secrets, as a tar file. */
  async backup(): Promise<Uint8Array> {
    const response = await this.#request('POST', '/admin/v1/backup', undefined, READING_ALL_MS);
    return new Uint8Array(await response.arrayBuffer());
  }

  async #call<T>(method: string, path: string, body?: unknown, timeoutMs?: number): Promise<T> {
    const text = await (await this.#request(method, path, body, timeoutMs)).text();
    return (text === '' ? {} : JSON.parse(text)) as T;
  }

  async #request(method: string, path: string, body?: unknown, timeoutMs = 10_000): Promise<Response> {
    const response = await fetch(`${this.#baseUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#adminToken}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.ok) return response;
    const why = errorMessage(await response.text()) ?? `status ${response.status}`;
    throw new LocalError(`The control plane refused ${method} ${path}: ${why}`);
  }
}

/** Takes the message out of an error in OpenAI's shape; undefined when the text isn't one. */
export function errorMessage(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message;
  } catch {
    return undefined;
  }
}
