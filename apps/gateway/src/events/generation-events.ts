import type { GenerationEvent } from '@darkroom/contracts';
import { lastEventIdHeader, parseHeader } from '@darkroom/contracts/http';
import { Lifecycle } from '@darkroom/service-kit';
import { EventWatcher } from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { GenerationJobs } from '../queue/generation-jobs.js';
import type { GenerationState } from '../queue/generation-state.js';
import { RedisCommands } from '../queue/redis.provider.js';

/** The place of the last event, a generation's end. */
export const END = 'end';

/** Ends are told by the queue at once; a follower looks by itself this often, in case that was lost. */
const LOOK_INTERVAL_MS = 10_000;

/** What a follower of a generation is told. */
export type FollowedEvent =
  | { readonly place: string; readonly event: GenerationEvent; readonly state?: undefined }
  | { readonly place: typeof END; readonly event?: undefined; readonly state: GenerationState };

/** Follows generations: what their workers tell of them, and their ends. */
@Injectable()
export class GenerationEvents implements OnApplicationShutdown {
  private readonly watcher: EventWatcher;
  private readonly jobs: GenerationJobs;
  private readonly lifecycle: Lifecycle;

  constructor(commands: RedisCommands, jobs: GenerationJobs, lifecycle: Lifecycle) {
    this.watcher = new EventWatcher(commands.redis);
    this.jobs = jobs;
    this.lifecycle = lifecycle;
  }

  /**
   * Yields a generation's events after a place, and last of all how it ended. It stops early when the signal aborts or this service
   * is about to stop; a follower then goes on elsewhere from the last place it was told.
   */
  async *follow(id: string, after: string | undefined, signal: AbortSignal): AsyncGenerator<FollowedEvent> {
    const gone = AbortSignal.any([signal, this.lifecycle.draining]);
    const end = new AbortController();
    const ended = this.jobs.ended(id, gone, LOOK_INTERVAL_MS).finally(() => end.abort());
    let place = after;
    for await (const { place: next, event } of this.watcher.watch(id, after, AbortSignal.any([gone, end.signal]))) {
      place = next;
      yield { place, event };
    }
    const state = await ended;
    if (state === undefined) return;
    // What was told just before the end, and not read yet.
    for (const told of await this.watcher.since(id, place)) yield told;
    yield { place: END, state };
  }

  onApplicationShutdown(): void {
    this.watcher.close();
  }
}

/**
 * Reads the header Last-Event-ID.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when it is no place of an event.
 */
export function parseLastEventId(header: string | string[] | undefined): string | undefined {
  return parseHeader('Last-Event-ID', lastEventIdHeader, header === '' ? undefined : header);
}
