import { DarkroomError } from '@darkroom/contracts';
import type { VerificationBody } from '@darkroom/contracts/admin';
import { parseStrictly } from '@darkroom/contracts/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { Needs } from '../operators/route-rules.js';
import { TenantRepository } from '../tenants/tenant.repository.js';
import { auditQuery, verifyQuery } from './audit.schemas.js';
import { viewEntry } from './audit.views.js';
import { AuditLog } from './audit-log.js';
import { LogVerifier } from './log-verifier.js';

/** The operators' view of the audit log. */
@Controller('admin/v1/audit')
export class AuditController {
  private readonly log: AuditLog;
  private readonly verifier: LogVerifier;
  private readonly tenants: TenantRepository;

  constructor(log: AuditLog, verifier: LogVerifier, tenants: TenantRepository) {
    this.log = log;
    this.verifier = verifier;
    this.tenants = tenants;
  }

  @Get()
  @Needs('read')
  async list(@Query() query: unknown) {
    const { tenant, generation_id: generationId, limit, ...wanted } = parseStrictly(auditQuery, query);
    const tenantId = tenant === undefined ? undefined : await this.tenants.idOf(tenant);
    // One more than asked for tells whether there are more.
    const found = await this.log.list({ ...wanted, tenantId, generationId, limit: limit + 1 });
    return { object: 'list', data: found.slice(0, limit).map(viewEntry), has_more: found.length > limit };
  }

  @Get('verify')
  @Needs('read')
  async verify(@Query() query: unknown): Promise<VerificationBody> {
    const { sequence, hash } = parseStrictly(verifyQuery, query);
    if ((sequence === undefined) !== (hash === undefined)) {
      const param = sequence === undefined ? 'sequence' : 'hash';
      const message = '`sequence` and `hash` name an entry together; send both or none';
      throw new DarkroomError({ code: 'invalid_argument', message, param });
    }
    return await this.verifier.verify(sequence === undefined || hash === undefined ? undefined : { sequence, hash });
  }

  @Get(':id')
  @Needs('read')
  async find(@Param('id') id: string) {
    const row = await this.log.find(id);
    if (row === undefined)
      throw new DarkroomError({ code: 'not_found', message: 'the audit log has no such entry', param: 'id' });
    return viewEntry(row);
  }
}
