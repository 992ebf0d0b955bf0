import { DarkroomError, type Scope, scopes } from '@darkroom/contracts';
import { Log } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { type ApiKey, type KeyOfTenant, KeyRepository } from './key.repository.js';
import { hashKeySecret, looksLikeKeySecret, newKeySecret, shownPrefix } from './key-secret.js';

/** The tenant that keys belong to when nobody says otherwise. */
export const DEFAULT_TENANT = 'default';

/** How often at most it is written down that a key is in use. */
const TOUCH_INTERVAL_MS = 60_000;

/** What a new key is to be. */
export interface KeyWish {
  readonly name: string;
  readonly tenantIdOrName?: string | undefined;
  /** All when absent. */
  readonly scopes?: readonly Scope[] | undefined;
  readonly expiresAt?: Date | undefined;
  readonly requestsPerMinute?: number | undefined;
}

/** Issues, checks and revokes API keys. */
@Injectable()
export class KeyService {
  private readonly keys: KeyRepository;
  private readonly tenants: TenantRepository;
  private readonly log: Log;
  /** When each key's use was last written down by this process. */
  private readonly touched = new Map<string, number>();

  constructor(keys: KeyRepository, tenants: TenantRepository, log: Log) {
    this.keys = keys;
    this.tenants = tenants;
    this.log = log;
  }

  /** Issues a key. The secret is returned here, once, and kept nowhere. */
  async issue(wish: KeyWish): Promise<{ key: ApiKey; secret: string }> {
    const { name, tenantIdOrName } = wish;
    const tenant =
      tenantIdOrName === undefined || tenantIdOrName === DEFAULT_TENANT
        ? await this.tenants.ensure(DEFAULT_TENANT)
        : await this.tenants.find(tenantIdOrName);
    if (tenant === undefined) {
      throw new DarkroomError({ code: 'not_found', message: '`tenant` names no tenant; create it first', param: 'tenant' });
    }
    const secret = newKeySecret();
    const key = await this.keys.create({
      tenantId: tenant.id,
      name,
      secretHash: hashKeySecret(secret),
      prefix: shownPrefix(secret),
      scopes: scopes.filter((scope) => wish.scopes?.includes(scope) ?? true),
      expiresAt: wish.expiresAt ?? null,
      requestsPerMinute: wish.requestsPerMinute ?? null,
    });
    this.log.info('key issued', { keyId: key.id, tenantId: tenant.id });
    return { key, secret };
  }

  /**
   * Returns the key that a secret belongs to, and its tenant.
   *
   * @throws {DarkroomError} Thrown with `unauthenticated` when the secret is unknown, revoked or expired.
   */
  async verify(secret: string): Promise<KeyOfTenant> {
    const found = looksLikeKeySecret(secret) ? await this.keys.findByHash(hashKeySecret(secret)) : undefined;
    if (found === undefined) throw new DarkroomError({ code: 'unauthenticated', message: 'the API key is not known' });
    const { revokedAt, expiresAt } = found.key;
    if (revokedAt !== null) throw new DarkroomError({ code: 'unauthenticated', message: 'the API key was revoked' });
    if (expiresAt !== null && expiresAt.getTime() <= Date.now()) {
      throw new DarkroomError({ code: 'unauthenticated', message: `the API key expired at ${expiresAt.toISOString()}` });
    }
    this.touch(found.key);
    return found;
  }

  /**
   * Returns a key that may still be used, and its tenant.
   *
   * @throws {DarkroomError} Thrown with `conflict` when it may not.
   */
  async usable(id: string): Promise<KeyOfTenant> {
    const found = await this.keys.find(id);
    const why =
      found === undefined
        ? 'is not known any more'
        : found.key.revokedAt !== null
          ? 'was revoked'
          : (found.key.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) <= Date.now()
            ? 'has expired'
            : undefined;
    if (found !== undefined && why === undefined) return found;
    throw new DarkroomError({ code: 'conflict', message: `the API key of this generation ${why}`, param: 'id' });
  }

  /**
   * Revokes a key from this moment on; revoking it again changes nothing.
   *
   * @throws {DarkroomError} Thrown with `not_found` when there is no such key.
   */
  async revoke(id: string): Promise<ApiKey> {
    const key = await this.keys.revoke(id);
    if (key === undefined) throw new DarkroomError({ code: 'not_found', message: 'there is no such key', param: 'id' });
    this.log.info('key revoked', { keyId: key.id, tenantId: key.tenantId });
    return key;
  }

  async list(tenantIdOrName?: string): Promise<ApiKey[]> {
    if (tenantIdOrName === undefined) return await this.keys.list();
    const tenant = await this.tenants.find(tenantIdOrName);
    return tenant === undefined ? [] : await this.keys.list(tenant.id);
  }

  /** Notes that a key is in use; nobody has to wait for that, nor is anyone refused because it can't be written. */
  private touch({ id, lastUsedAt }: ApiKey): void {
    const last = Math.max(lastUsedAt?.getTime() ?? 0, this.touched.get(id) ?? 0);
    if (last > Date.now() - TOUCH_INTERVAL_MS) return;
    this.touched.set(id, Date.now());
    this.keys.touch(id).catch((error: unknown) => this.log.warn('the use of a key was not noted', { keyId: id, error }));
  }
}
