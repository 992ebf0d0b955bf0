import { DarkroomError } from '@darkroom/contracts';
import { Log } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { type ApiKey, KeyRepository } from './key.repository.js';
import { hashKeySecret, looksLikeKeySecret, newKeySecret, shownPrefix } from './key-secret.js';

/** The tenant that keys belong to when nobody says otherwise. */
export const DEFAULT_TENANT = 'default';

/** Issues, checks and revokes API keys. */
@Injectable()
export class KeyService {
  private readonly keys: KeyRepository;
  private readonly tenants: TenantRepository;
  private readonly log: Log;

  constructor(keys: KeyRepository, tenants: TenantRepository, log: Log) {
    this.keys = keys;
    this.tenants = tenants;
    this.log = log;
  }

  /** Issues a key. The secret is returned here, once, and kept nowhere. */
  async issue(name: string, tenantIdOrName?: string): Promise<{ key: ApiKey; secret: string }> {
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
    });
    this.log.info('key issued', { keyId: key.id, tenantId: tenant.id });
    return { key, secret };
  }

  /**
   * Returns the key that a secret belongs to.
   *
   * @throws {DarkroomError} Thrown with `unauthenticated` when the secret is unknown or revoked.
   */
  async verify(secret: string): Promise<ApiKey> {
    const key = looksLikeKeySecret(secret) ? await this.keys.findByHash(hashKeySecret(secret)) : undefined;
    if (key === undefined) throw new DarkroomError({ code: 'unauthenticated', message: 'the API key is not known' });
    if (key.revokedAt !== null) throw new DarkroomError({ code: 'unauthenticated', message: 'the API key was revoked' });
    return key;
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
}
