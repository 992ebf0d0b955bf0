import type { GenerationBody } from '@darkroom/contracts/http';
import { Controller, Delete, Get, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { hasEnded } from '../queue/generation-state.js';
import { Delivery } from './delivery.js';
import { GenerationService } from './generation.service.js';
import { viewGeneration } from './generation.views.js';

/** Tells a tenant how its generations are doing, for a day, and cancels them. */
@Controller('v1/generations')
export class GenerationsController {
  private readonly generations: GenerationService;
  private readonly delivery: Delivery;

  constructor(generations: GenerationService, delivery: Delivery) {
    this.generations = generations;
    this.delivery = delivery;
  }

  @Get(':id')
  async retrieve(@Param('id') id: string, @Req() request: FastifyRequest): Promise<GenerationBody> {
    const state = await this.generations.find(id, callerOf(request));
    return viewGeneration(state, await this.delivery.urls(state.result, request));
  }

  /** Cancels a generation; 202 while it is still ending, 200 when it has ended. Doing it again changes nothing. */
  @Delete(':id')
  async cancel(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<GenerationBody> {
    const state = await this.generations.cancel(id, callerOf(request));
    void reply.status(hasEnded(state) ? 200 : 202);
    return viewGeneration(state, await this.delivery.urls(state.result, request));
  }
}
