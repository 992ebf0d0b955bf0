import { DarkroomError } from '@darkroom/contracts';
import { type AdminUsageSummaryBody, adminUsageGroupings, type WholeTenantBody } from '@darkroom/contracts/admin';
import { parseGenerationDefaults, parseStrictly, parseUsagePeriod, usageCsv } from '@darkroom/contracts/http';
import { Body, Controller, Delete, Get, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Config } from '../config.js';
import { KeyService } from '../keys/key.service.js';
import { Audited, Needs } from '../operators/route-rules.js';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { MonthlyUsage } from '../usage/monthly-usage.js';
import { UsageRepository } from '../usage/usage.repository.js';
import { UsageSummary } from '../usage/usage-summary.js';
import { keyQuery, newKeyBody, newTenantBody, tenantChangeBody, usageQuery, usageSummaryOfTenantQuery } from './admin.schemas.js';
import { viewKey, viewSum, viewTenant, viewUsage } from './admin.views.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What the audit log has of a tenant's change: its terms, and not its defaults, which may hold anything. */
const changeable = Object.keys(tenantChangeBody.shape).filter((name) => name !== 'defaults');

/** The operators' HTTP API: tenants, keys and usage. */
@Controller('admin/v1')
export class AdminController {
  private readonly keys: KeyService;
  private readonly tenants: TenantRepository;
  private readonly usage: UsageRepository;
  private readonly monthly: MonthlyUsage;
  private readonly summary: UsageSummary;
  private readonly pricePerHour: number | null;

  constructor(
    { devicePricePerHour }: Config,
    keys: KeyService,
    tenants: TenantRepository,
    usage: UsageRepository,
    monthly: MonthlyUsage,
    summary: UsageSummary,
  ) {
    this.pricePerHour = devicePricePerHour ?? null;
    this.keys = keys;
    this.tenants = tenants;
    this.usage = usage;
    this.monthly = monthly;
    this.summary = summary;
  }

  @Post('tenants')
  @Needs('operate')
  @Audited('tenant.create', { facts: ['name'] })
  async createTenant(@Body() body: unknown) {
    const { name } = parseStrictly(newTenantBody, body ?? {});
    const tenant = await this.tenants.create(name);
    if (tenant === undefined)
      throw new DarkroomError({ code: 'conflict', message: 'a tenant of that name exists', param: 'name' });
    return viewTenant(tenant);
  }

  @Get('tenants')
  @Needs('read')
  async listTenants() {
    return { object: 'list', data: (await this.tenants.list()).map(viewTenant) };
  }

  @Get('tenants/:id')
  @Needs('read')
  async showTenant(@Param('id') id: string): Promise<WholeTenantBody> {
    const tenant = await this.tenants.find(id);
    if (tenant === undefined) throw noSuchTenant();
    return { ...viewTenant(tenant), compute_units_this_month: await this.monthly.of(tenant.id) };
  }

  @Patch('tenants/:id')
  @Needs('operate')
  @Audited('tenant.change', { facts: changeable })
  async changeTenant(@Param('id') id: string, @Body() body: unknown) {
    const change = parseStrictly(tenantChangeBody, body ?? {});
    const { defaults } = change;
    const tenant = await this.tenants.change(id, {
      weight: change.weight,
      requestsPerMinute: change.requests_per_minute,
      computeUnitsPerMinute: change.compute_units_per_minute,
      computeUnitsPerMonth: change.compute_units_per_month,
      concurrentGenerations: change.concurrent_generations,
      models: change.models,
      defaults: defaults === undefined || defaults === null ? defaults : parseGenerationDefaults(defaults),
    });
    if (tenant === undefined) throw noSuchTenant();
    return viewTenant(tenant);
  }

  @Post('keys')
  @Needs('operate')
  @Audited('key.issue', { facts: ['name', 'tenant', 'scopes'] })
  async issueKey(@Body() body: unknown) {
    const { name, tenant, scopes, expires_at, expires_in_days, requests_per_minute } = parseStrictly(newKeyBody, body ?? {});
    if (expires_at !== undefined && expires_in_days !== undefined) {
      throw new DarkroomError({
        code: 'invalid_argument',
        message: '`expires_in_days` and `expires_at` say the same; leave one out',
        param: 'expires_in_days',
      });
    }
    const { key, secret } = await this.keys.issue({
      name,
      tenantIdOrName: tenant,
      scopes,
      expiresAt: expires_in_days === undefined ? expires_at : new Date(Date.now() + expires_in_days * DAY_MS),
      requestsPerMinute: requests_per_minute ?? undefined,
    });
    return { ...viewKey(key), secret };
  }

  @Get('keys')
  @Needs('read')
  async listKeys(@Query() query: unknown) {
    const { tenant } = parseStrictly(keyQuery, query);
    return { object: 'list', data: (await this.keys.list(tenant)).map(viewKey) };
  }

  @Delete('keys/:id')
  @Needs('operate')
  @Audited('key.revoke')
  async revokeKey(@Param('id') id: string) {
    return viewKey(await this.keys.revoke(id));
  }

  @Get('usage')
  @Needs('read')
  async listUsage(@Query() query: unknown) {
    const { generation_id: generationId, tenant: wanted, before, limit } = parseStrictly(usageQuery, query);
    const tenantId = wanted === undefined ? undefined : await this.tenants.idOf(wanted);
    // One more than asked for tells whether there are more.
    const found = await this.usage.list({ generationId, tenantId, before, limit: limit + 1 });
    return { object: 'list', data: found.slice(0, limit).map(viewUsage), has_more: found.length > limit };
  }

  @Get('usage/summary')
  @Needs('read')
  async summariseUsage(
    @Query() query: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AdminUsageSummaryBody | string> {
    const { tenant, format, ...days } = parseStrictly(usageSummaryOfTenantQuery, query);
    const { from, to, fromMs, endMs } = parseUsagePeriod(days);
    const wanted = days.group_by.split(',');
    const groupBy = adminUsageGroupings.filter((name) => wanted.includes(name));
    const tenantId = tenant === undefined ? undefined : await this.tenants.idOf(tenant);
    const sums = await this.summary.of({ tenantId, keyId: undefined, fromMs, endMs, groupBy });
    const data = sums.map((sum) => viewSum(sum, groupBy));
    if (format !== 'csv') return { object: 'list', from, to, data, device_price_per_hour: this.pricePerHour };
    void reply.type('text/csv; charset=utf-8; header=present');
    return usageCsv(data, groupBy);
  }
}

function noSuchTenant(): DarkroomError {
  return new DarkroomError({ code: 'not_found', message: 'there is no such tenant', param: 'id' });
}
