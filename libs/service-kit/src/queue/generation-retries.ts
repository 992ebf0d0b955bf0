import { setTimeout as sleep } from 'node:timers/promises';
import { DarkroomError, fromQueue, GenerationRetry, type QueuePayload, toQueue } from '@darkroom/contracts';
import { type Processor, Queue, UnrecoverableError } from 'bullmq';
import type { Redis } from 'ioredis';
import { redisUnavailable } from './redis.js';

/** Queue of generations that operators want made anew; the gateways take them, since all that is made goes through their admission. */
export const GENERATION_RETRIES = 'generation-retries';

/** The one job name that this queue knows. */
const GENERATION_RETRY = 'retry';

/** An answer is fetched at once; it is kept for who asks late. */
const KEPT_SECONDS = 60;

/** How often the answer is looked for. */
const LOOK_INTERVAL_MS = 50;

/** Makes a generation anew, and returns the new one's id. */
export type RetryGeneration = (retry: GenerationRetry) => Promise<string>;

/** Asks the gateways to make generations anew. */
export class GenerationRetries {
  private readonly queue: Queue<QueuePayload, string, typeof GENERATION_RETRY>;

  /** @param redis a connection for plain commands, which fail at once while Redis is away; it stays its owner's. */
  constructor(redis: Redis) {
    this.queue = new Queue(GENERATION_RETRIES, {
      connection: redis,
      defaultJobOptions: { attempts: 1, removeOnComplete: { age: KEPT_SECONDS }, removeOnFail: { age: KEPT_SECONDS } },
      skipWaitingForReady: true,
      skipVersionCheck: true,
    });
    // The connection's owner logs what becomes of it.
    this.queue.on('error', () => undefined);
  }

  /**
   * Has a generation made anew, and returns the new one's id; asking again under the same key gives the same one.
   *
   * @param over aborts when nobody waits for the answer any more.
   * @throws {DarkroomError} Thrown with the gateway's reason when it is refused, and with `unavailable` when no gateway answered.
   */
  async request(retry: GenerationRetry, over: AbortSignal): Promise<string> {
    try {
      const payload = Buffer.from(GenerationRetry.encode(retry).finish()).toString('base64');
      const { id = '' } = await this.queue.add(GENERATION_RETRY, { payload });
      while (!over.aborted) {
        const job = await this.queue.getJob(id);
        if (job?.finishedOn !== undefined) {
          if (job.failedReason) throw fromQueue(job.failedReason);
          return job.returnvalue;
        }
        await sleep(LOOK_INTERVAL_MS, undefined, { signal: over }).catch(() => undefined);
      }
      throw await this.withdraw(id);
    } catch (error) {
      throw redisUnavailable(error);
    }
  }

  async close(): Promise<void> {
    await this.queue.close();
  }

  /** What no gateway has begun is not begun later, when nobody expects it any more. */
  private async withdraw(id: string): Promise<DarkroomError> {
    const isWithdrawn = (await this.queue.remove(id)) === 1;
    const message = isWithdrawn
      ? 'no gateway took the retry up; nothing was started'
      : 'the retry is not answered yet; ask again under the same key to hear what became of it';
    return new DarkroomError({ code: 'unavailable', message, retryAfterSeconds: 2 });
  }
}

/** Turns what makes a generation anew into the processor of that queue's jobs. */
export function retryProcessor(make: RetryGeneration): Processor<QueuePayload, string> {
  return async ({ data }) => {
    try {
      return await make(GenerationRetry.decode(Buffer.from(data.payload, 'base64')));
    } catch (error) {
      throw new UnrecoverableError(toQueue(DarkroomError.from(error)));
    }
  };
}
