import type { PartialImageEvent } from '@darkroom/contracts';
import type { PartialImageEventBody } from '@darkroom/contracts/http';
import { EventStream, type ServerSentEvent } from '@darkroom/service-kit';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller.js';
import { FileUrls } from '../files/file-urls.js';
import { GenerationProgressReader } from '../forecast/generation-progress.js';
import { QueueProgress } from '../forecast/queue-progress.js';
import { GenerationService } from '../generations/generation.service.js';
import { GenerationViewer } from '../generations/generation-viewer.js';
import type { GenerationState } from '../queue/generation-state.js';
import { END, type FollowedEvent, GenerationEvents, parseLastEventId } from './generation-events.js';

/** Tells a tenant what happens to its generation while it happens. */
@Controller('v1/generations')
export class EventsController {
  private readonly generations: GenerationService;
  private readonly events: GenerationEvents;
  private readonly queue: QueueProgress;
  private readonly progress: GenerationProgressReader;
  private readonly viewer: GenerationViewer;
  private readonly fileUrls: FileUrls;

  constructor(
    generations: GenerationService,
    events: GenerationEvents,
    queue: QueueProgress,
    progress: GenerationProgressReader,
    viewer: GenerationViewer,
    fileUrls: FileUrls,
  ) {
    this.generations = generations;
    this.events = events;
    this.queue = queue;
    this.progress = progress;
    this.viewer = viewer;
    this.fileUrls = fileUrls;
  }

  /** Streams a generation's events until it has ended; Last-Event-ID goes on where a lost connection was. */
  @Get(':id/events')
  async stream(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const after = parseLastEventId(request.headers['last-event-id']);
    const state = await this.generations.find(id, callerOf(request));
    if (after === END) {
      // By the standard, this keeps a client from connecting again.
      await reply.status(204).send();
      return;
    }
    const stream = new EventStream(reply);
    // Where it is in the queue is told as it is now: an event without an id, since there is nothing to come back to.
    const stopWatching = this.queue.watch(state, (data) => {
      if (stream.isReady) void stream.send({ event: 'progress', data });
    });
    try {
      for await (const followed of this.events.follow(id, after, stream.closed)) {
        const event = await this.view(followed, state, request);
        if (event !== undefined) await stream.send(event);
      }
    } finally {
      stopWatching();
      stream.end();
    }
  }

  private async view(
    { place: id, event, state }: FollowedEvent,
    { job }: GenerationState,
    request: FastifyRequest,
  ): Promise<ServerSentEvent | undefined> {
    if (state !== undefined) return { id, event: state.status, data: await this.viewer.view(state, request) };
    if (event.progress) return { id, event: 'progress', data: await this.progress.running(job, event.progress) };
    if (event.partialImage) return { id, event: 'partial_image', data: await this.viewPartialImage(event.partialImage, request) };
    // An event of a newer version, which this one doesn't know.
    return undefined;
  }

  private async viewPartialImage(
    { image, index, step, steps, width, height, blobKey }: PartialImageEvent,
    request: FastifyRequest,
  ): Promise<PartialImageEventBody> {
    return { image, index, step, steps, width, height, ...(await this.fileUrls.sign(blobKey, request)) };
  }
}
