import { Injectable } from '@nestjs/common';
import type { Queries } from '../database/database.js';
import { Database } from '../database/database.provider.js';
import { asc, eq, sql } from '../database/drizzle.js';
import { type GenerationStatus, owedMessages, webhooks } from '../database/schema.js';

/** Names a message that is owed: each webhook is told of a generation's end once. */
export interface OwedKey {
  readonly generationId: string;
  readonly webhookId: string;
}

/** A message that is owed, with whose it is and when its generation ended. */
export interface Owed extends OwedKey {
  readonly tenantId: string;
  readonly endedAt: Date;
}

/** How a generation was moved forward; one that has not ended has no moment of its end. */
export interface Ended {
  readonly id: string;
  readonly tenantId: string;
  readonly status: GenerationStatus;
  readonly endedAt: Date | null;
}

/** Keeps which webhooks are to be told of which ends, until gateways have seen their deliveries end: Redis, where those are, may be lost. */
@Injectable()
export class OwedMessages {
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  /** Notes which webhooks are to be told of those generations that have ended, in the transaction that enters their ends. */
  async owe(transaction: Queries, rows: readonly Ended[]): Promise<void> {
    const ends = rows.filter(({ endedAt }) => endedAt !== null);
    if (ends.length === 0) return;
    // The lock: a webhook that is deleted meanwhile is passed over, instead of failing the transaction.
    await transaction.execute(sql`
      insert into ${owedMessages} (generation_id, webhook_id, ended_at)
      select ended.id, webhooks.id, ended."endedAt"
      from jsonb_to_recordset(${JSON.stringify(ends)}::jsonb) as ended(id text, "tenantId" text, status text, "endedAt" timestamptz)
      join webhooks on webhooks.tenant_id = ended."tenantId" and webhooks.enabled and 'generation.' || ended.status = any(webhooks.events)
      for key share of webhooks
      on conflict do nothing`);
  }

  /** Lists what is owed after a message, by the generation's id and then the webhook's. */
  async list(after: OwedKey, limit: number): Promise<Owed[]> {
    return await this.database.run((queries) =>
      queries
        .select({
          generationId: owedMessages.generationId,
          webhookId: owedMessages.webhookId,
          tenantId: webhooks.tenantId,
          endedAt: owedMessages.endedAt,
        })
        .from(owedMessages)
        .innerJoin(webhooks, eq(webhooks.id, owedMessages.webhookId))
        .where(sql`(${owedMessages.generationId}, ${owedMessages.webhookId}) > (${after.generationId}, ${after.webhookId})`)
        .orderBy(asc(owedMessages.generationId), asc(owedMessages.webhookId))
        .limit(limit),
    );
  }

  /** Notes that messages are owed no more. */
  async settle(keys: readonly OwedKey[]): Promise<void> {
    if (keys.length === 0) return;
    await this.database.run((queries) =>
      queries.execute(sql`
        delete from ${owedMessages} using jsonb_to_recordset(${JSON.stringify(keys)}::jsonb) as settled("generationId" text, "webhookId" text)
        where generation_id = settled."generationId" and webhook_id = settled."webhookId"`),
    );
  }
}
