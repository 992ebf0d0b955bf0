import type { GenerationBody } from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { GenerationProgressReader } from '../forecast/generation-progress.js';
import type { GenerationState } from '../queue/generation-state.js';
import { Delivery } from './delivery.js';
import { viewGeneration } from './generation.views.js';

/** Shows generations to their tenants: state, progress, and signed addresses of the images. */
@Injectable()
export class GenerationViewer {
  private readonly delivery: Delivery;
  private readonly progress: GenerationProgressReader;

  constructor(delivery: Delivery, progress: GenerationProgressReader) {
    this.delivery = delivery;
    this.progress = progress;
  }

  /**
   * Shows a generation as it is.
   *
   * @param http the request that asks, since addresses may begin as its own does.
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away.
   */
  async view(state: GenerationState, http: FastifyRequest): Promise<GenerationBody> {
    const [images, progress] = await Promise.all([this.delivery.urls(state.result, http), this.progress.of(state)]);
    return viewGeneration(state, images, progress);
  }
}
