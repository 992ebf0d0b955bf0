import { newKeyId } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { asc, eq, type SQL, sql } from '../database/drizzle.js';
import { apiKeys, tenants } from '../database/schema.js';
import type { Tenant } from '../tenants/tenant.repository.js';

/** One API key as the database has it. */
export type ApiKey = typeof apiKeys.$inferSelect;

/** What is decided of a key when it is issued. */
export type NewApiKey = Pick<
  ApiKey,
  'tenantId' | 'name' | 'secretHash' | 'prefix' | 'scopes' | 'expiresAt' | 'requestsPerMinute'
>;

/** A key, and whose it is. */
export interface KeyOfTenant {
  readonly key: ApiKey;
  readonly tenant: Tenant;
}

/** Keeps API keys. */
@Injectable()
export class KeyRepository {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async create(key: NewApiKey): Promise<ApiKey> {
    const [created] = await this.database.run((queries) =>
      queries
        .insert(apiKeys)
        .values({ id: newKeyId(), ...key })
        .returning(),
    );
    if (created === undefined) throw new Error('the database returned no row for a new key');
    return created;
  }

  /** Finds a key and its tenant. */
  async findByHash(secretHash: string): Promise<KeyOfTenant | undefined> {
    return await this.findWhere(eq(apiKeys.secretHash, secretHash));
  }

  /** Finds a key and its tenant. */
  async find(id: string): Promise<KeyOfTenant | undefined> {
    return await this.findWhere(eq(apiKeys.id, id));
  }

  private async findWhere(condition: SQL): Promise<KeyOfTenant | undefined> {
    const [found] = await this.database.run((queries) =>
      queries
        .select({ key: apiKeys, tenant: tenants })
        .from(apiKeys)
        .innerJoin(tenants, eq(apiKeys.tenantId, tenants.id))
        .where(condition),
    );
    return found;
  }

  async list(tenantId?: string): Promise<ApiKey[]> {
    return await this.database.run((queries) =>
      queries
        .select()
        .from(apiKeys)
        .where(tenantId === undefined ? undefined : eq(apiKeys.tenantId, tenantId))
        .orderBy(asc(apiKeys.id)),
    );
  }

  /** Notes that a key is in use. */
  async touch(id: string): Promise<void> {
    await this.database.run((queries) => queries.update(apiKeys).set({ lastUsedAt: sql`now()` }).where(eq(apiKeys.id, id)));
  }

  /** Marks a key as revoked, keeping the first moment that was; undefined when there is no such key. */
  async revoke(id: string): Promise<ApiKey | undefined> {
    const [key] = await this.database.run((queries) =>
      queries
        .update(apiKeys)
        .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, now())` })
        .where(eq(apiKeys.id, id))
        .returning(),
    );
    return key;
  }
}
