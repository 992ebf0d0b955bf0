import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.provider.js';
import { and, asc, count, eq, sql } from '../database/drizzle.js';
import { tenants, webhooks } from '../database/schema.js';

/** One webhook as the database has it. */
export type WebhookRow = typeof webhooks.$inferSelect;

/** What a new webhook is entered with. */
export type NewWebhook = Pick<WebhookRow, 'id' | 'tenantId' | 'url' | 'events' | 'description' | 'gatewayUrl' | 'sealedSecret'>;

/** What of a webhook can be changed; absent for what stays. */
export type WebhookChanges = Partial<Pick<WebhookRow, 'url' | 'events' | 'description' | 'enabled' | 'disabledReason'>>;

/** So long the secret before a rotation signs beside the new one. */
const OVERLAP = sql`now() + interval '24 hours'`;

/** Keeps webhooks; but for operators, another tenant's are never found. */
@Injectable()
export class WebhookRepository {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Enters a webhook and returns it, or the one that has its id already; undefined when the tenant has as many as it may. */
  async create(webhook: NewWebhook, most: number): Promise<WebhookRow | undefined> {
    const { id, tenantId } = webhook;
    return await this.database.run((queries) =>
      queries.transaction(async (transaction) => {
        // Held until the end, so that of two that come at once only one is the last that fits.
        await transaction.select({ id: tenants.id }).from(tenants).where(eq(tenants.id, tenantId)).for('no key update');
        const [earlier] = await transaction.select().from(webhooks).where(isOf(tenantId, id));
        if (earlier !== undefined) return earlier;
        const [found] = await transaction.select({ count: count() }).from(webhooks).where(eq(webhooks.tenantId, tenantId));
        if ((found?.count ?? 0) >= most) return undefined;
        const [created] = await transaction.insert(webhooks).values(webhook).returning();
        return created;
      }),
    );
  }

  /** Lists a tenant's webhooks, the oldest first. */
  async list(tenantId: string): Promise<WebhookRow[]> {
    return await this.database.run((queries) =>
      queries.select().from(webhooks).where(eq(webhooks.tenantId, tenantId)).orderBy(asc(webhooks.id)),
    );
  }

  /** Lists all tenants' webhooks, the oldest first. */
  async listAll(): Promise<WebhookRow[]> {
    return await this.database.run((queries) => queries.select().from(webhooks).orderBy(asc(webhooks.id)));
  }

  /** Finds a webhook whosever it is: for operators, never for tenants. */
  async findOfAny(id: string): Promise<WebhookRow | undefined> {
    const [webhook] = await this.database.run((queries) => queries.select().from(webhooks).where(eq(webhooks.id, id)));
    return webhook;
  }

  async find(tenantId: string, id: string): Promise<WebhookRow | undefined> {
    const [webhook] = await this.database.run((queries) => queries.select().from(webhooks).where(isOf(tenantId, id)));
    return webhook;
  }

  /** Changes a webhook and returns it; undefined when there is none. */
  async update(tenantId: string, id: string, changes: WebhookChanges): Promise<WebhookRow | undefined> {
    const [webhook] = await this.database.run((queries) =>
      queries.update(webhooks).set(changes).where(isOf(tenantId, id)).returning(),
    );
    return webhook;
  }

  /** Replaces a webhook's secret and keeps the one before for a day; undefined when there is none. */
  async rotate(tenantId: string, id: string, sealedSecret: string): Promise<WebhookRow | undefined> {
    const [webhook] = await this.database.run((queries) =>
      queries
        .update(webhooks)
        // In SQL the right sides are the row as it was.
        .set({ sealedSecret, sealedPreviousSecret: sql`${webhooks.sealedSecret}`, previousSecretUntil: OVERLAP })
        .where(isOf(tenantId, id))
        .returning(),
    );
    return webhook;
  }

  /** Deletes a webhook and returns it as it was; undefined when there was none. */
  async delete(tenantId: string, id: string): Promise<WebhookRow | undefined> {
    const [webhook] = await this.database.run((queries) => queries.delete(webhooks).where(isOf(tenantId, id)).returning());
    return webhook;
  }
}

function isOf(tenantId: string, id: string) {
  return and(eq(webhooks.tenantId, tenantId), eq(webhooks.id, id));
}
