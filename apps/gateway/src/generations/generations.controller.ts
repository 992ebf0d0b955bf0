import type { GenerationBody } from '@darkroom/contracts/http';
import { Controller, Get, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { Delivery } from './delivery.js';
import { GenerationService } from './generation.service.js';
import { viewGeneration } from './generation.views.js';

/** Tells a tenant how its generations are doing, for a day. */
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
}
