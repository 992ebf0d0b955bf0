import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { redisUnavailable } from './redis.js';

/** Queue of the ends of generations that webhooks are to be told of; a job's id is the generation's. */
export const WEBHOOK_EVENTS = 'webhook-events';

/** The one job name that this queue knows. */
export const WEBHOOK_EVENT = 'end';

/** An event that has been passed on is remembered for so long: longer than a worker that lost its generation can still tell of its end. */
const REMEMBERED_SECONDS = 10 * 60;

/** Tells the gateways that a generation ends, so that they tell whoever wants to know. */
export class WebhookEvents {
  private readonly queue: Queue<object, undefined, typeof WEBHOOK_EVENT>;

  /** @param redis a connection for plain commands, which fail at once while Redis is away; it stays its owner's. */
  constructor(redis: Redis) {
    this.queue = new Queue(WEBHOOK_EVENTS, {
      connection: redis,
      defaultJobOptions: {
        removeOnComplete: { age: REMEMBERED_SECONDS },
        removeOnFail: { age: REMEMBERED_SECONDS },
      },
      skipWaitingForReady: true,
      skipVersionCheck: true,
    });
    // The connection's owner logs what becomes of it.
    this.queue.on('error', () => undefined);
  }

  /**
   * Tells of a generation that its worker is about to end for good; telling it again changes nothing.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when Redis didn't confirm it; the generation must not be ended then.
   */
  async add(generationId: string): Promise<void> {
    try {
      await this.queue.add(WEBHOOK_EVENT, {}, { jobId: generationId });
    } catch (error) {
      throw redisUnavailable(error);
    }
  }

  async close(): Promise<void> {
    await this.queue.close();
  }
}
