import type { OverviewWithHistoryBody } from '@darkroom/contracts/admin';
import { Controller, Get } from '@nestjs/common';
import { Needs } from '../operators/route-rules.js';
import { Overview } from './overview.js';

/** What the platform does, at a glance. */
@Controller('admin/v1/overview')
export class OverviewController {
  private readonly overview: Overview;

  constructor(overview: Overview) {
    this.overview = overview;
  }

  @Get()
  @Needs('read')
  async show(): Promise<OverviewWithHistoryBody> {
    return { ...(await this.overview.now()), history: this.overview.past() };
  }
}
