import {
  parseStrictly,
  parseUsagePeriod,
  type UsageLimitsBody,
  type UsageSummaryBody,
  usageCsv,
  usageSummaryQuery,
  viewUsageSum,
} from '@darkroom/contracts/http';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { Limits } from '../limits/limits.js';
import { Neighbours } from '../neighbours/neighbours.js';
import { notTheirFault } from '../neighbours/not-their-fault.js';

/** Tells a tenant what it has used, and what it may use. */
@Controller('v1/usage')
export class UsageController {
  private readonly neighbours: Neighbours;
  private readonly limits: Limits;

  constructor(neighbours: Neighbours, limits: Limits) {
    this.neighbours = neighbours;
    this.limits = limits;
  }

  /** Sums the tenant's ledger, as JSON or as CSV; of the key alone when it may not see the others'. */
  @Get()
  async summarise(
    @Query() query: unknown,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UsageSummaryBody | string> {
    const { format, ...days } = parseStrictly(usageSummaryQuery, query);
    const { from, to, fromMs, endMs, groupBy } = parseUsagePeriod(days);
    const { tenantId, keyId, scopes } = callerOf(http);
    const { sums } = await this.neighbours.controlPlane
      .summariseUsage({ tenantId, keyId: scopes.includes('usage') ? '' : keyId, fromMs, endMs, groupBy: [...groupBy] })
      .catch((error: unknown) => {
        throw notTheirFault(error, ['invalid_argument'], 'the ledger can not be asked at the moment');
      });
    const data = sums.map((sum) => viewUsageSum(sum, groupBy));
    if ((format ?? (prefersCsv(http.headers.accept) ? 'csv' : 'json')) === 'json') return { object: 'list', from, to, data };
    void reply
      .type('text/csv; charset=utf-8; header=present')
      .header('content-disposition', `attachment; filename="usage-${from}-${to}.csv"`);
    return usageCsv(data, groupBy);
  }

  @Get('limits')
  async show(@Req() http: FastifyRequest): Promise<UsageLimitsBody> {
    return await this.limits.show(callerOf(http));
  }
}

/** Tells whether the header Accept names CSV and not JSON. */
function prefersCsv(accept = ''): boolean {
  return accept.includes('text/csv') && !accept.includes('application/json');
}
