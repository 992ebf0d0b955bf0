import { DarkroomError, type GenerationResult } from '@darkroom/contracts';
import {
  type GenerationBody,
  type ImageGenerationRequest,
  type ImagesResponseBody,
  parseImageGenerationRequest,
  repliedQuality,
} from '@darkroom/contracts/http';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { TenantModels } from '../models/tenant-models.js';
import { parseIdempotencyKey } from '../queue/idempotency.js';
import { Delivery } from './delivery.js';
import { GenerationService } from './generation.service.js';
import { receiptOf, viewReceipt, viewUsage } from './generation.views.js';
import { GenerationViewer } from './generation-viewer.js';
import { ImageStream } from './image-stream.js';
import { prefersAsync } from './prefer.js';
import { Waiters } from './waiters.js';

/** OpenAI's endpoint for images. */
@Controller('v1/images')
export class ImagesController {
  private readonly models: TenantModels;
  private readonly generations: GenerationService;
  private readonly waiters: Waiters;
  private readonly delivery: Delivery;
  private readonly stream: ImageStream;
  private readonly viewer: GenerationViewer;

  constructor(
    models: TenantModels,
    generations: GenerationService,
    waiters: Waiters,
    delivery: Delivery,
    stream: ImageStream,
    viewer: GenerationViewer,
  ) {
    this.models = models;
    this.generations = generations;
    this.waiters = waiters;
    this.delivery = delivery;
    this.stream = stream;
    this.viewer = viewer;
  }

  /**
   * Waits for the images and returns them, and cancels them when the client hangs up meanwhile; with `Prefer: respond-async` it returns
   * the generation's state at once, and with `stream` it tells them while they are made.
   */
  @Post('generations')
  @HttpCode(200)
  async generate(
    @Body() body: unknown,
    @Req() http: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImagesResponseBody | GenerationBody | undefined> {
    const caller = callerOf(http);
    const idempotencyKey = parseIdempotencyKey(http.headers['idempotency-key']);
    const prepared = await this.models.prepare(body, caller);
    const request = parseImageGenerationRequest(prepared.body, prepared.models);
    refusePicturesWithoutStream(request);
    const gone = goneSignal(reply);
    const state = await this.generations.submit(request, caller, { idempotencyKey, signal: gone });
    const { id } = state.job;
    // OpenAI's clients show this header's value with errors, so that a failed call still tells which generation it was.
    void reply.header('x-request-id', id);
    if (prefersAsync(http.headers.prefer)) {
      void reply.status(202).header('preference-applied', 'respond-async').header('location', `/v1/generations/${id}`);
      return await this.viewer.view(state, http);
    }
    // Who sends a key will come back with it.
    const keepOnDisconnect = request.keepOnDisconnect ?? idempotencyKey !== undefined;
    if (request.streams) {
      await this.stream.answer({ id, request, keepOnDisconnect }, reply);
      return undefined;
    }
    const result = await this.waiters.wait(id, { keepOnDisconnect, gone });
    return await this.answer(request, result, http);
  }

  private async answer(
    request: ImageGenerationRequest,
    result: GenerationResult,
    http: FastifyRequest,
  ): Promise<ImagesResponseBody> {
    const [first] = result.images;
    if (first === undefined) throw new DarkroomError({ code: 'internal', message: 'the generation made no image' });
    return {
      created: Math.floor(Date.now() / 1000),
      data: request.responseFormat === 'url' ? await this.delivery.urls(result, http) : await this.delivery.base64(result),
      output_format: request.outputFormat,
      size: `${first.width}x${first.height}`,
      background: 'opaque',
      quality: repliedQuality(request.quality),
      usage: viewUsage(result),
      id: result.id,
      model: request.model.id,
      receipt: viewReceipt(receiptOf(result)),
    };
  }
}

/** Pictures of images that develop can only be shown in a stream. */
function refusePicturesWithoutStream({ streams, partialImages }: ImageGenerationRequest): void {
  if (streams || partialImages === 0) return;
  throw new DarkroomError({
    code: 'invalid_argument',
    message: '`partial_images` needs `stream` to be true',
    param: 'partial_images',
  });
}

/** Aborts when the client closes its connection before it has been answered. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
