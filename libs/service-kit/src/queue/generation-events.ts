import { GenerationEvent } from '@darkroom/contracts';
import type { Redis } from 'ioredis';

/** A generation's events are kept so long after its last one: for watchers that lost their connection. */
const KEPT_SECONDS = 15 * 60;

/** Events that are kept of a generation; progress is worth little once there is newer. */
const KEPT_EVENTS = 64;

/** Events read at a time. */
const PAGE = 32;

const streamOf = (generationId: string) => `darkroom:events:${generationId}`;
const EVENT_FIELD = 'event';

/** An event with its place in the generation's stream, which the next one's is greater than. */
export interface PlacedEvent {
  /** What a watcher that comes back names as the last one it had. */
  readonly place: string;
  readonly event: GenerationEvent;
}

/**
 * Adds an event to a generation's stream and nudges whoever watches it.
 *
 * KEYS[1]  the generation's stream
 * ARGV[1]  the event's bytes
 * ARGV[2]  events to keep
 * ARGV[3]  seconds to keep the stream for
 * Returns  the event's place
 */
const append = `
local place = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', '${EVENT_FIELD}', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', KEYS[1], place)
return place
`;

/** Tells an event to whoever watches the generation, now or within a quarter of an hour. */
export async function publishEvent(redis: Redis, generationId: string, event: GenerationEvent): Promise<void> {
  const bytes = Buffer.from(GenerationEvent.encode(event).finish());
  await redis.eval(append, 1, streamOf(generationId), bytes, KEPT_EVENTS, KEPT_SECONDS);
}

/**
 * Watches the events of any number of generations over two connections.
 *
 * The streams are the truth, and messages only say that there is something to read: so a watcher reads as fast as it likes without
 * anything piling up for it here, and one that was away goes on where it was.
 */
export class EventWatcher {
  private readonly commands: Redis;
  private readonly subscriber: Redis;
  /** What to call when there is something new, by stream. */
  private readonly nudges = new Map<string, Set<() => void>>();

  /** @param commands a connection for plain commands; another one is made for listening. */
  constructor(commands: Redis) {
    this.commands = commands;
    this.subscriber = commands.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null });
    this.subscriber.on('message', (stream: string) => this.nudge(stream));
    // What was told while either connection was away is in the streams.
    const nudgeAll = () => {
      for (const stream of this.nudges.keys()) this.nudge(stream);
    };
    this.subscriber.on('ready', nudgeAll);
    this.commands.on('ready', nudgeAll);
    this.subscriber.on('error', () => undefined);
  }

  /**
   * Yields a generation's events after a place, the earliest that is kept first, and then each as it comes, until the signal aborts.
   * While Redis is away there are none.
   */
  async *watch(generationId: string, after: string | undefined, signal: AbortSignal): AsyncGenerator<PlacedEvent> {
    const stream = streamOf(generationId);
    let news = Promise.withResolvers<void>();
    const nudge = () => news.resolve();
    await this.listen(stream, nudge);
    signal.addEventListener('abort', nudge);
    try {
      for (let place = after; !signal.aborted; ) {
        news = Promise.withResolvers<void>();
        const events = await this.read(stream, place);
        for (const event of events) {
          if (signal.aborted) return;
          place = event.place;
          yield event;
        }
        if (events.length < PAGE && !signal.aborted) await news.promise;
      }
    } finally {
      signal.removeEventListener('abort', nudge);
      this.unlisten(stream, nudge);
    }
  }

  /** Returns all of a generation's events after a place that are kept; none while Redis is away. */
  async since(generationId: string, after: string | undefined): Promise<PlacedEvent[]> {
    return await this.read(streamOf(generationId), after, 2 * KEPT_EVENTS);
  }

  /** Ends the listening. */
  close(): void {
    this.subscriber.disconnect();
  }

  private async read(stream: string, after: string | undefined, most = PAGE): Promise<PlacedEvent[]> {
    const from = after === undefined ? '-' : `(${after}`;
    const entries = await this.commands.xrangeBuffer(stream, from, '+', 'COUNT', most).catch(() => []);
    return entries.map(([place, [, bytes]]) => ({ place: String(place), event: GenerationEvent.decode(bytes as Buffer) }));
  }

  private async listen(stream: string, nudge: () => void): Promise<void> {
    const known = this.nudges.get(stream);
    if (known !== undefined) {
      known.add(nudge);
      return;
    }
    this.nudges.set(stream, new Set([nudge]));
    // A connection that is away subscribes when it is back, and nudges everyone.
    if (this.subscriber.status === 'ready') await this.subscriber.subscribe(stream).catch(() => undefined);
    else this.subscriber.subscribe(stream).catch(() => undefined);
  }

  private unlisten(stream: string, nudge: () => void): void {
    const listeners = this.nudges.get(stream);
    listeners?.delete(nudge);
    if (listeners?.size !== 0) return;
    this.nudges.delete(stream);
    this.subscriber.unsubscribe(stream).catch(() => undefined);
  }

  private nudge(stream: string): void {
    for (const nudge of this.nudges.get(stream) ?? []) nudge();
  }
}
