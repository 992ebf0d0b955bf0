import { messageIdOf } from '@darkroom/contracts';
import type { GenerationDeliveryBody } from '@darkroom/contracts/admin';
import { Injectable } from '@nestjs/common';
import { WebhookRepository, type WebhookRow } from '../webhooks/webhook.repository.js';
import { viewDelivery } from '../webhooks/webhook.views.js';
import { WebhookDeliveries } from '../webhooks/webhook-deliveries.js';

/** Tells which webhooks were told of a generation's end. */
@Injectable()
export class GenerationDeliveries {
  private readonly webhooks: WebhookRepository;
  private readonly deliveries: WebhookDeliveries;

  constructor(webhooks: WebhookRepository, deliveries: WebhookDeliveries) {
    this.webhooks = webhooks;
    this.deliveries = deliveries;
  }

  /**
   * Lists the deliveries of a generation's end to its tenant's webhooks.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis or the database is away.
   */
  async of(tenantId: string, generationId: string): Promise<GenerationDeliveryBody[]> {
    const webhooks = await this.webhooks.list(tenantId);
    const found = await Promise.all(webhooks.map((webhook) => this.look(webhook, generationId)));
    return found.filter((delivery) => delivery !== undefined);
  }

  private async look({ id: webhook, url }: WebhookRow, generationId: string): Promise<GenerationDeliveryBody | undefined> {
    const found = await this.deliveries.store.look(webhook, messageIdOf(generationId));
    if (found === undefined) return undefined;
    const { id, status, attempts } = viewDelivery(found);
    const last = attempts.at(-1);
    return {
      delivery: id,
      webhook,
      url,
      status,
      attempts: attempts.length,
      status_code: last?.status_code ?? null,
      error: last?.error ?? null,
    };
  }
}
