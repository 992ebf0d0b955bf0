import { EventSourceParserStream } from 'eventsource-parser/stream';
import { ApiError } from './api-error.js';
import type { GenerationEvent } from './schemas.js';

/** From where to follow a generation, and how long. */
export interface EventsOptions {
  /** The id of the last event that came; from the beginning when left out. */
  readonly lastEventId?: string | undefined;
  /** Ends the following; the generation goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** Opens the stream after an event; the answer is one of success. */
export type OpenStream = (lastEventId: string | undefined) => Promise<Response>;

/** How long to wait before a lost connection is made again, unless the gateway says. */
const RETRY_SECONDS = 1;

/**
 * Yields a generation's events until it has ended; a connection that is lost is made again, from the last event that came.
 *
 * @throws {ApiError} Thrown when the gateway refuses to tell.
 * @throws The signal's reason, once it aborts.
 */
export async function* followEvents(open: OpenStream, options: EventsOptions): AsyncGenerator<GenerationEvent, void, undefined> {
  const { signal } = options;
  let last = options.lastEventId;
  for (;;) {
    let seconds = RETRY_SECONDS;
    try {
      const response = await open(last);
      // There is nothing after the last event.
      if (response.status === 204) return;
      for await (const event of eventsOf(response)) {
        last = event.id ?? last;
        yield event;
        if (isEnd(event)) return;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ApiError && !error.isTemporary) throw error;
      if (error instanceof ApiError) seconds = error.retryAfterSeconds ?? seconds;
    }
    await pause(seconds, signal);
  }
}

async function* eventsOf(response: Response): AsyncGenerator<GenerationEvent, void, undefined> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
  try {
    for (;;) {
      const next = await reader?.read();
      if (next === undefined || next.done) return;
      const { id, event, data } = next.value;
      yield { id, event, data: JSON.parse(data) } as GenerationEvent;
    }
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
}

/** Tells whether an event is a generation's last. */
export function isEnd(
  event: GenerationEvent,
): event is Extract<GenerationEvent, { event: 'succeeded' | 'failed' | 'cancelled' }> {
  return event.event === 'succeeded' || event.event === 'failed' || event.event === 'cancelled';
}

/** Waits, unless the signal aborts before. */
export async function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, seconds * 1000);
  const abort = () => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  await promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  });
}
