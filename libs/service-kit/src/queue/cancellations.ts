import type { Redis } from 'ioredis';
import { JOB_RETENTION_SECONDS } from './generation-queue.js';

/** Channel on which the ids of cancelled generations are told to whoever works on them. */
const CHANNEL = 'darkroom:cancellations';

const keyOf = (generationId: string) => `darkroom:cancelled:${generationId}`;

/** Notes that a generation is wanted no more, and tells the worker that has it; one that is queued hears of it when it is taken. */
export async function requestCancellation(redis: Redis, generationId: string): Promise<void> {
  // The note first: a worker that takes the job between the two would else hear of neither.
  await redis.set(keyOf(generationId), '1', 'EX', JOB_RETENTION_SECONDS);
  await redis.publish(CHANNEL, generationId);
}

/** Tells whether a generation has been cancelled. */
export async function isCancellationRequested(redis: Redis, generationId: string): Promise<boolean> {
  return (await redis.exists(keyOf(generationId))) === 1;
}

/** Turns the notes that {@link requestCancellation} leaves into the aborts of signals, for the generations that a process works on. */
export class CancellationListener {
  private readonly commands: Redis;
  private readonly subscriber: Redis;
  private readonly watched = new Map<string, AbortController>();

  /** @param commands a connection for plain commands; another one is made for listening. */
  constructor(commands: Redis) {
    this.commands = commands;
    this.subscriber = commands.duplicate({ enableOfflineQueue: true, maxRetriesPerRequest: null });
    this.subscriber.on('message', (_channel, id: string) => this.watched.get(id)?.abort());
    // What was told while either connection was away is in the notes.
    this.subscriber.on('ready', () => void this.lookAtNotes());
    this.commands.on('ready', () => void this.lookAtNotes());
    this.subscriber.on('error', () => undefined);
    this.subscriber.subscribe(CHANNEL).catch(() => undefined);
  }

  /**
   * Watches for the cancellation of one generation, until `stop` is called.
   *
   * @returns a signal that aborts when it is cancelled, at once if it was.
   */
  async watch(generationId: string): Promise<{ readonly signal: AbortSignal; stop(): void }> {
    const controller = new AbortController();
    this.watched.set(generationId, controller);
    await this.lookAt(generationId, controller);
    const stop = () => {
      if (this.watched.get(generationId) === controller) this.watched.delete(generationId);
    };
    return { signal: controller.signal, stop };
  }

  /** Ends the listening. */
  close(): void {
    this.subscriber.disconnect();
  }

  private async lookAtNotes(): Promise<void> {
    await Promise.all([...this.watched].map(([id, controller]) => this.lookAt(id, controller)));
  }

  private async lookAt(id: string, controller: AbortController): Promise<void> {
    // While Redis is away nothing can be known; whichever connection comes back last looks again.
    const isCancelled = await isCancellationRequested(this.commands, id).catch(() => false);
    if (isCancelled) controller.abort();
  }
}
