import { type DeliveryBody, type DeliveryListBody, deliveryQuery, emptyBody, parseStrictly } from '@darkroom/contracts/http';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { Deliveries } from './deliveries.js';
import { testMessage } from './message.js';
import { viewDelivery } from './webhook.views.js';
import { WebhookDirectory } from './webhook-directory.js';

/** What was and will be delivered to a tenant's webhooks. */
@Controller('v1/webhooks/:id')
export class DeliveriesController {
  private readonly directory: WebhookDirectory;
  private readonly deliveries: Deliveries;

  constructor(directory: WebhookDirectory, deliveries: Deliveries) {
    this.directory = directory;
    this.deliveries = deliveries;
  }

  /** Sends a message that only tries whether the webhook can be reached. */
  @Post('test')
  @HttpCode(202)
  async test(@Param('id') id: string, @Body() body: unknown, @Req() http: FastifyRequest): Promise<DeliveryBody> {
    parseStrictly(emptyBody, body ?? {});
    const { tenantId } = await this.directory.findEnabled(callerOf(http).tenantId, id);
    const message = testMessage();
    await this.deliveries.add(id, tenantId, message);
    return viewDelivery(await this.deliveries.find(id, message.id));
  }

  /** Lists a webhook's deliveries, the newest first, a page at a time. */
  @Get('deliveries')
  async list(@Param('id') id: string, @Query() query: unknown, @Req() http: FastifyRequest): Promise<DeliveryListBody> {
    const wanted = parseStrictly(deliveryQuery, query);
    await this.directory.find(callerOf(http).tenantId, id);
    const { deliveries, lastId, hasMore } = await this.deliveries.page(id, wanted);
    const data = deliveries.map(viewDelivery);
    return { object: 'list', data, first_id: data[0]?.id ?? null, last_id: lastId ?? null, has_more: hasMore };
  }

  @Get('deliveries/:delivery')
  async retrieve(
    @Param('id') id: string,
    @Param('delivery') delivery: string,
    @Req() http: FastifyRequest,
  ): Promise<DeliveryBody> {
    await this.directory.find(callerOf(http).tenantId, id);
    return viewDelivery(await this.deliveries.find(id, delivery));
  }

  /** Sends a delivery again now. */
  @Post('deliveries/:delivery/replay')
  @HttpCode(202)
  async replay(
    @Param('id') id: string,
    @Param('delivery') delivery: string,
    @Body() body: unknown,
    @Req() http: FastifyRequest,
  ): Promise<DeliveryBody> {
    parseStrictly(emptyBody, body ?? {});
    await this.directory.findEnabled(callerOf(http).tenantId, id);
    return viewDelivery(await this.deliveries.replay(id, delivery));
  }
}
