import { DarkroomError, type GenerationResult, type PartialImageEvent, toHttp } from '@darkroom/contracts';
import { type ImageGenerationRequest, repliedQuality, viewReceipt } from '@darkroom/contracts/http';
import { EventStream, Log } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { GenerationEvents } from '../events/generation-events.js';
import { Delivery } from './delivery.js';
import { receiptOf, viewUsage } from './generation.views.js';
import { Waiters } from './waiters.js';

/** A request whose answer is a stream. */
export interface StreamedRequest {
  readonly id: string;
  readonly request: ImageGenerationRequest;
  readonly keepOnDisconnect: boolean;
}

/** Answers a request for images with OpenAI's events: pictures while the images develop, and then the images. */
@Injectable()
export class ImageStream {
  private readonly events: GenerationEvents;
  private readonly waiters: Waiters;
  private readonly delivery: Delivery;
  private readonly log: Log;

  constructor(events: GenerationEvents, waiters: Waiters, delivery: Delivery, log: Log) {
    this.events = events;
    this.waiters = waiters;
    this.delivery = delivery;
    this.log = log;
  }

  /** Streams until the images are there, or what they failed of is told; a client that hangs up cancels them unless it keeps them. */
  async answer(streamed: StreamedRequest, reply: FastifyReply): Promise<void> {
    const stream = new EventStream(reply);
    const { id, keepOnDisconnect } = streamed;
    try {
      await this.waiters.waiting(id, { keepOnDisconnect, gone: stream.closed }, () => this.follow(streamed, stream));
    } catch (thrown) {
      const error = DarkroomError.from(thrown);
      if (error.code === 'internal') this.log.error('a stream of images failed', { generationId: id, error: thrown });
      await stream.send({ event: 'error', data: { type: 'error', ...toHttp(error).body } });
    } finally {
      stream.end();
    }
  }

  private async follow({ id, request }: StreamedRequest, stream: EventStream): Promise<void> {
    for await (const { event, state } of this.events.follow(id, undefined, stream.closed)) {
      if (event?.partialImage) await this.sendPartialImage(event.partialImage, request, stream);
      if (state?.error !== undefined) throw state.error;
      if (state?.result !== undefined) await this.sendImages(state.result, request, stream);
    }
  }

  private async sendPartialImage(
    { blobKey, index, width, height }: PartialImageEvent,
    request: ImageGenerationRequest,
    stream: EventStream,
  ): Promise<void> {
    const type = `${familyOf(request)}.partial_image`;
    const b64_json = await this.delivery.base64Of(blobKey);
    const data = { type, b64_json, partial_image_index: index, ...common(request, width, height) };
    await stream.send({ event: type, data });
  }

  private async sendImages(result: GenerationResult, request: ImageGenerationRequest, stream: EventStream): Promise<void> {
    const type = `${familyOf(request)}.completed`;
    const shown = await this.delivery.base64(result);
    for (const [index, { width, height }] of result.images.entries()) {
      const image = shown[index];
      const usage = viewUsage(result);
      const own = { id: result.id, model: request.model.id, receipt: viewReceipt(receiptOf(result)) };
      await stream.send({ event: type, data: { type, ...image, ...common(request, width, height), usage, ...own } });
    }
  }
}

/** OpenAI's name for the family of a request's events. */
function familyOf({ strength }: ImageGenerationRequest) {
  return strength > 0 ? 'image_edit' : 'image_generation';
}

function common({ outputFormat, quality }: ImageGenerationRequest, width: number, height: number) {
  return {
    created_at: Math.floor(Date.now() / 1000),
    size: `${width}x${height}`,
    output_format: outputFormat,
    background: 'opaque',
    quality: repliedQuality(quality),
  };
}
