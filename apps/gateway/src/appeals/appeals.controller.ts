import type { Review } from '@darkroom/contracts';
import { type AppealViewBody, appealBody, appealStatuses, parseStrictly } from '@darkroom/contracts/http';
import { Body, Controller, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { Appeals } from './appeals.js';

/** Where a tenant asks for a person to look at what moderation decided. */
@Controller('v1')
export class AppealsController {
  private readonly appeals: Appeals;

  constructor(appeals: Appeals) {
    this.appeals = appeals;
  }

  @Post('generations/:id/appeal')
  @HttpCode(202)
  async appealGeneration(@Param('id') generationId: string, @Body() body: unknown, @Req() http: FastifyRequest) {
    return viewAppeal(await this.appeals.enter(callerOf(http), { generationId }, parseStrictly(appealBody, body).text));
  }

  @Post('decisions/:id/appeal')
  @HttpCode(202)
  async appealDecision(@Param('id') decisionId: string, @Body() body: unknown, @Req() http: FastifyRequest) {
    return viewAppeal(await this.appeals.enter(callerOf(http), { decisionId }, parseStrictly(appealBody, body).text));
  }

  @Get('decisions/:id/appeal')
  async retrieve(@Param('id') decisionId: string, @Req() http: FastifyRequest): Promise<AppealViewBody> {
    return viewAppeal(await this.appeals.find(callerOf(http), decisionId));
  }
}

function viewAppeal({ decisionId, generationId, status, appealedAtMs, reason }: Review): AppealViewBody {
  return {
    object: 'appeal',
    decision_id: decisionId,
    generation_id: generationId || null,
    created: appealedAtMs === 0 ? null : Math.floor(appealedAtMs / 1000),
    status: appealStatuses.find((known) => known === status) ?? 'open',
    reason: reason || null,
  };
}
