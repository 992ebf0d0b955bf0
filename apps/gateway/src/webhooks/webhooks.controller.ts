import { newWebhookId } from '@darkroom/contracts';
import {
  emptyBody,
  newWebhookBody,
  parseStrictly,
  type WebhookBody,
  type WebhookDeletedBody,
  type WebhookListBody,
  type WebhookWithSecretBody,
  webhookChangesBody,
  webhookEvents,
} from '@darkroom/contracts/http';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { FileUrls } from '../files/file-urls.js';
import { Idempotency, parseIdempotencyKey } from '../queue/idempotency.js';
import { viewWebhook, viewWebhookWithSecret } from './webhook.views.js';
import { WebhookDirectory } from './webhook-directory.js';

/** Where a tenant wants to be told of its generations' ends. */
@Controller('v1/webhooks')
export class WebhooksController {
  private readonly directory: WebhookDirectory;
  private readonly idempotency: Idempotency;
  private readonly fileUrls: FileUrls;

  constructor(directory: WebhookDirectory, idempotency: Idempotency, fileUrls: FileUrls) {
    this.directory = directory;
    this.idempotency = idempotency;
    this.fileUrls = fileUrls;
  }

  /** Enters a webhook; the same Idempotency-Key gives the same one, with its secret. */
  @Post()
  async create(@Body() body: unknown, @Req() http: FastifyRequest): Promise<WebhookWithSecretBody> {
    const { tenantId } = callerOf(http);
    const idempotencyKey = parseIdempotencyKey(http.headers['idempotency-key']);
    const { url, events, description } = parseStrictly(newWebhookBody, body);
    const wanted = { url, events: events ?? [...webhookEvents], description: description ?? '' };
    let id = newWebhookId();
    if (idempotencyKey !== undefined) ({ id } = await this.idempotency.claim(tenantId, idempotencyKey, { webhook: wanted }, id));
    const gatewayUrl = this.fileUrls.baseOf(http);
    const { webhook, secret } = await this.directory.create({ id, tenantId, ...wanted, gatewayUrl });
    return viewWebhookWithSecret(webhook, secret);
  }

  @Get()
  async list(@Req() http: FastifyRequest): Promise<WebhookListBody> {
    return { object: 'list', data: (await this.directory.list(callerOf(http).tenantId)).map(viewWebhook) };
  }

  @Get(':id')
  async retrieve(@Param('id') id: string, @Req() http: FastifyRequest): Promise<WebhookBody> {
    return viewWebhook(await this.directory.find(callerOf(http).tenantId, id));
  }

  @Patch(':id')
  async update(@Param('id') id: string, @Body() body: unknown, @Req() http: FastifyRequest): Promise<WebhookBody> {
    const { url, events, description, enabled } = parseStrictly(webhookChangesBody, body);
    const changes = {
      url: url ?? undefined,
      events: events ?? undefined,
      description: description ?? undefined,
      enabled: enabled ?? undefined,
    };
    return viewWebhook(await this.directory.update(callerOf(http).tenantId, id, changes));
  }

  @Delete(':id')
  async remove(@Param('id') id: string, @Req() http: FastifyRequest): Promise<WebhookDeletedBody> {
    await this.directory.delete(callerOf(http).tenantId, id);
    return { id, object: 'webhook', deleted: true };
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  async rotateSecret(
    @Param('id') id: string,
    @Body() body: unknown,
    @Req() http: FastifyRequest,
  ): Promise<WebhookWithSecretBody> {
    parseStrictly(emptyBody, body ?? {});
    const { webhook, secret } = await this.directory.rotateSecret(callerOf(http).tenantId, id);
    return viewWebhookWithSecret(webhook, secret);
  }
}
