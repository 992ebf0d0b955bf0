import type { WorkerBody, WorkerListBody } from '@darkroom/contracts/admin';
import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { Audited, Needs } from '../operators/route-rules.js';
import { FleetWorkers } from './fleet-workers.js';
import { viewWorker } from './worker.views.js';

/** The workers that work models' queues off. */
@Controller('admin/v1/workers')
export class WorkersController {
  private readonly workers: FleetWorkers;

  constructor(workers: FleetWorkers) {
    this.workers = workers;
  }

  @Get()
  @Needs('read')
  async list(): Promise<WorkerListBody> {
    return { object: 'list', data: (await this.workers.list()).map(viewWorker), has_more: false };
  }

  /** Has a worker hand on what it has, and take nothing more. */
  @Post(':id/drain')
  @Needs('operate')
  @Audited('worker.drain')
  @HttpCode(202)
  async drain(@Param('id') id: string): Promise<WorkerBody> {
    return viewWorker(await this.workers.drain(id, true));
  }

  /** Has a drained worker take generations again. */
  @Post(':id/resume')
  @Needs('operate')
  @Audited('worker.resume')
  @HttpCode(202)
  async resume(@Param('id') id: string): Promise<WorkerBody> {
    return viewWorker(await this.workers.drain(id, false));
  }
}
