import { DarkroomError, type GenerationJob, type GenerationResult } from '@darkroom/contracts';
import {
  type GenerationBody,
  type ImageGenerationRequest,
  type ImagesResponseBody,
  repliedQuality,
  viewReceipt,
} from '@darkroom/contracts/http';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { parseIdempotencyKey } from '../queue/idempotency.js';
import { Delivery } from './delivery.js';
import { GenerationService, type SubmitOptions } from './generation.service.js';
import { receiptOf, viewNotices, viewUsage } from './generation.views.js';
import { GenerationViewer } from './generation-viewer.js';
import { ImageStream } from './image-stream.js';
import { prefersAsync } from './prefer.js';
import { Waiters } from './waiters.js';

/** A request for images, with the client that asks for them. */
export interface AskedImages {
  readonly request: ImageGenerationRequest;
  /** The picture that is edited; absent where none is. */
  readonly picture?: SubmitOptions['picture'];
  readonly http: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Begins what OpenAI's endpoints were asked for, and answers in the way that the client wants. */
@Injectable()
export class ImagesAnswer {
  private readonly generations: GenerationService;
  private readonly waiters: Waiters;
  private readonly delivery: Delivery;
  private readonly stream: ImageStream;
  private readonly viewer: GenerationViewer;

  constructor(
    generations: GenerationService,
    waiters: Waiters,
    delivery: Delivery,
    stream: ImageStream,
    viewer: GenerationViewer,
  ) {
    this.generations = generations;
    this.waiters = waiters;
    this.delivery = delivery;
    this.stream = stream;
    this.viewer = viewer;
  }

  /**
   * Waits for the images and returns them, and cancels them when the client hangs up meanwhile; with `Prefer: respond-async` it returns
   * the generation's state at once, and with `stream` it tells them while they are made.
   *
   * @throws {DarkroomError} Thrown as {@link GenerationService.submit} and {@link Waiters.wait} throw it.
   */
  async give({ request, picture, http, reply }: AskedImages): Promise<ImagesResponseBody | GenerationBody | undefined> {
    refusePicturesWithoutStream(request);
    const idempotencyKey = parseIdempotencyKey(http.headers['idempotency-key']);
    const gone = goneSignal(reply);
    const state = await this.generations.submit(request, callerOf(http), { idempotencyKey, signal: gone, picture });
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
    return await this.images(request, state.job, result, http);
  }

  private async images(
    request: ImageGenerationRequest,
    job: GenerationJob,
    result: GenerationResult,
    http: FastifyRequest,
  ): Promise<ImagesResponseBody> {
    const [first] = result.images;
    const notices = viewNotices(job, result);
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
      ...(notices.length > 0 && { moderation_notices: notices }),
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
