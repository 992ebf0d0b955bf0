import { DarkroomError } from '@darkroom/contracts';
import type { AdminDeliveryBody, ListBody } from '@darkroom/contracts/admin';
import { deliveryQuery, parseStrictly } from '@darkroom/contracts/http';
import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Audited, Needs } from '../operators/route-rules.js';
import { foundWebhook } from './found-webhook.js';
import { WebhookRepository, type WebhookRow } from './webhook.repository.js';
import { viewDelivery } from './webhook.views.js';
import { WebhookDeliveries } from './webhook-deliveries.js';

/** The operators' view of what is sent to tenants' webhooks. */
@Controller('admin/v1/webhooks/:id/deliveries')
export class AdminDeliveriesController {
  private readonly webhooks: WebhookRepository;
  private readonly deliveries: WebhookDeliveries;

  constructor(webhooks: WebhookRepository, deliveries: WebhookDeliveries) {
    this.webhooks = webhooks;
    this.deliveries = deliveries;
  }

  /** Lists a webhook's deliveries, the newest first, a page at a time. */
  @Get()
  @Needs('read')
  async list(@Param('id') id: string, @Query() query: unknown): Promise<ListBody<AdminDeliveryBody>> {
    const wanted = parseStrictly(deliveryQuery, query);
    await this.webhook(id);
    const { deliveries, lastId, hasMore } = await this.deliveries.store.page(id, wanted);
    return { object: 'list', data: deliveries.map(viewDelivery), last_id: lastId ?? null, has_more: hasMore };
  }

  @Get(':delivery')
  @Needs('read')
  async show(@Param('id') id: string, @Param('delivery') delivery: string): Promise<AdminDeliveryBody> {
    await this.webhook(id);
    return viewDelivery(await this.deliveries.store.find(id, delivery));
  }

  /** Sends a delivery again now, as its tenant can. */
  @Post(':delivery/replay')
  @Needs('operate')
  @Audited('webhook.replay', { facts: ['delivery'] })
  @HttpCode(202)
  async replay(@Param('id') id: string, @Param('delivery') delivery: string): Promise<AdminDeliveryBody> {
    if (!(await this.webhook(id)).enabled) {
      throw new DarkroomError({ code: 'conflict', message: 'the webhook is disabled; enable it first' });
    }
    return viewDelivery(await this.deliveries.store.replay(id, delivery));
  }

  private async webhook(id: string): Promise<WebhookRow> {
    return foundWebhook(await this.webhooks.findOfAny(id));
  }
}
