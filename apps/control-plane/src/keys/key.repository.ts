import { newKeyId } from '@darkroom/contracts';
import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { asc, eq, sql } from '../database/drizzle.js';
import { apiKeys } from '../database/schema.js';

/** One API key as the database has it. */
export type ApiKey = typeof apiKeys.$inferSelect;

/** Keeps API keys. */
@Injectable()
export class KeyRepository {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  async create(key: Pick<ApiKey, 'tenantId' | 'name' | 'secretHash' | 'prefix'>): Promise<ApiKey> {
    const [created] = await this.database.run((queries) =>
      queries
        .insert(apiKeys)
        .values({ id: newKeyId(), ...key })
        .returning(),
    );
    if (created === undefined) throw new Error('the database returned no row for a new key');
    return created;
  }

  async findByHash(secretHash: string): Promise<ApiKey | undefined> {
    const [key] = await this.database.run((queries) => queries.select().from(apiKeys).where(eq(apiKeys.secretHash, secretHash)));
    return key;
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
