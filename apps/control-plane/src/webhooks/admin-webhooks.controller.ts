import type { AdminWebhookBody, ListBody } from '@darkroom/contracts/admin';
import { parseStrictly } from '@darkroom/contracts/http';
import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { z } from 'zod';
import { Audited, Needs } from '../operators/route-rules.js';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { foundWebhook } from './found-webhook.js';
import { WebhookRepository } from './webhook.repository.js';
import { viewWebhook } from './webhook.views.js';

const listQuery = z.strictObject({ tenant: z.string().min(1).optional() });
const changeBody = z.strictObject({ enabled: z.boolean('`enabled` must be true or false') });

/** What a webhook's owner reads when an operator has disabled it. */
const DISABLED = 'disabled by an operator';

/** The operators' view of tenants' webhooks; their secrets are never in it. */
@Controller('admin/v1/webhooks')
export class AdminWebhooksController {
  private readonly webhooks: WebhookRepository;
  private readonly tenants: TenantRepository;

  constructor(webhooks: WebhookRepository, tenants: TenantRepository) {
    this.webhooks = webhooks;
    this.tenants = tenants;
  }

  @Get()
  @Needs('read')
  async list(@Query() query: unknown): Promise<ListBody<AdminWebhookBody>> {
    const { tenant } = parseStrictly(listQuery, query);
    const found = await (tenant === undefined ? this.webhooks.listAll() : this.webhooks.list(await this.tenants.idOf(tenant)));
    return { object: 'list', data: found.map(viewWebhook) };
  }

  @Get(':id')
  @Needs('read')
  async show(@Param('id') id: string): Promise<AdminWebhookBody> {
    return viewWebhook(foundWebhook(await this.webhooks.findOfAny(id)));
  }

  /** Stops deliveries to a webhook, or lets them begin again; its owner can too. */
  @Patch(':id')
  @Needs('operate')
  @Audited('webhook.change', { facts: ['enabled'] })
  async change(@Param('id') id: string, @Body() body: unknown): Promise<AdminWebhookBody> {
    const { enabled } = parseStrictly(changeBody, body ?? {});
    const { tenantId } = foundWebhook(await this.webhooks.findOfAny(id));
    const changes = { enabled, disabledReason: enabled ? '' : DISABLED };
    return viewWebhook(foundWebhook(await this.webhooks.update(tenantId, id, changes)));
  }
}
