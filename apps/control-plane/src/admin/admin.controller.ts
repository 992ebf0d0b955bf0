import { DarkroomError } from '@darkroom/contracts';
import { parseStrictly } from '@darkroom/contracts/http';
import { Body, Controller, Delete, Get, Param, Post, Query, UseGuards } from '@nestjs/common';
import { KeyService } from '../keys/key.service.js';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { UsageRepository } from '../usage/usage.repository.js';
import { AdminGuard } from './admin.guard.js';
import { keyQuery, newKeyBody, newTenantBody, usageQuery } from './admin.schemas.js';
import { viewKey, viewTenant, viewUsage } from './admin.views.js';

/** The operators' HTTP API: tenants, keys and usage. */
@Controller('admin/v1')
@UseGuards(AdminGuard)
export class AdminController {
  private readonly keys: KeyService;
  private readonly tenants: TenantRepository;
  private readonly usage: UsageRepository;

  constructor(keys: KeyService, tenants: TenantRepository, usage: UsageRepository) {
    this.keys = keys;
    this.tenants = tenants;
    this.usage = usage;
  }

  @Post('tenants')
  async createTenant(@Body() body: unknown) {
    const { name } = parseStrictly(newTenantBody, body ?? {});
    const tenant = await this.tenants.create(name);
    if (tenant === undefined)
      throw new DarkroomError({ code: 'conflict', message: 'a tenant of that name exists', param: 'name' });
    return viewTenant(tenant);
  }

  @Get('tenants')
  async listTenants() {
    return { object: 'list', data: (await this.tenants.list()).map(viewTenant) };
  }

  @Post('keys')
  async issueKey(@Body() body: unknown) {
    const { name, tenant } = parseStrictly(newKeyBody, body ?? {});
    const { key, secret } = await this.keys.issue(name, tenant);
    return { ...viewKey(key), secret };
  }

  @Get('keys')
  async listKeys(@Query() query: unknown) {
    const { tenant } = parseStrictly(keyQuery, query);
    return { object: 'list', data: (await this.keys.list(tenant)).map(viewKey) };
  }

  @Delete('keys/:id')
  async revokeKey(@Param('id') id: string) {
    return viewKey(await this.keys.revoke(id));
  }

  @Get('usage')
  async listUsage(@Query() query: unknown) {
    const { generation_id: generationId, tenant: wanted, before, limit } = parseStrictly(usageQuery, query);
    const tenantId = wanted === undefined ? undefined : ((await this.tenants.find(wanted))?.id ?? wanted);
    // One more than asked for tells whether there are more.
    const found = await this.usage.list({ generationId, tenantId, before, limit: limit + 1 });
    return { object: 'list', data: found.slice(0, limit).map(viewUsage), has_more: found.length > limit };
  }
}
