import { DarkroomError, isMessageId, messageIdOf } from '@darkroom/contracts';
import type { DeliveryQuery } from '@darkroom/contracts/http';
import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { readJobStandings } from './job-standings.js';
import { redisUnavailable } from './redis.js';
import {
  type DeliveredMessage,
  deliveryJobId,
  deliveryStatus,
  openWebhookDeliveries,
  WEBHOOK_DELIVERIES,
  type WebhookDelivery,
} from './webhook-deliveries.js';

/** A delivery's job, and BullMQ's word for where it is. */
export interface FoundDelivery<Message extends DeliveredMessage = DeliveredMessage> {
  readonly job: Job<WebhookDelivery<Message>, undefined>;
  readonly state: string;
}

/** Some of a webhook's deliveries. */
export interface DeliveryPage<Message extends DeliveredMessage = DeliveredMessage> {
  readonly deliveries: readonly FoundDelivery<Message>[];
  /** After which the next page begins: the last one, or with a filter the last that was looked at. */
  readonly lastId: string | undefined;
  /** Whether there may be more after it. */
  readonly hasMore: boolean;
}

/** Longer than a delivery can be: its generation's day, its attempts' days, and how long it is kept. */
const INDEX_SECONDS = 9 * 24 * 60 * 60;

/** BullMQ's code of a job that is not where it was thought to be. */
const JOB_NOT_IN_STATE = -3;

/** So many deliveries are looked at for one page with a filter. */
const MOST_LOOKS = 1_000;

const indexOf = (webhookId: string) => `darkroom:webhook-deliveries:${webhookId}`;

/** Keeps what is on its way to webhooks, and what became of it: gateways send it, and operators look at it. */
export class DeliveryStore<Message extends DeliveredMessage = DeliveredMessage> {
  private readonly redis: Redis;
  private readonly queue: Queue<WebhookDelivery<Message>, undefined>;

  /** @param redis a connection for plain commands, which fail at once while Redis is away; it stays its owner's. */
  constructor(redis: Redis) {
    this.redis = redis;
    this.queue = openWebhookDeliveries(redis);
  }

  /**
   * Sends a message to a webhook as soon as possible; sending it again changes nothing.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when Redis didn't confirm it.
   */
  async add(webhookId: string, tenantId: string, message: Message): Promise<void> {
    const delivery = { webhookId, tenantId, message, attempts: [], failures: 0, nextAttemptAtMs: Date.now() };
    const index = indexOf(webhookId);
    await unlessAway(async () => {
      // The index first: an id without a delivery is passed over, a delivery without an id would never be seen.
      await this.redis
        .multi()
        // All scores are alike, so members are in the order of their bytes: ids sort by the time they were made.
        .zadd(index, 0, message.id)
        .zremrangebylex(index, '-', `(${oldestId()}`)
        .expire(index, INDEX_SECONDS)
        .exec();
      await this.queue.add('delivery', delivery, { jobId: deliveryJobId(webhookId, message.id) });
    });
  }

  /** Looks for a delivery to a webhook; undefined when there is none, or none any more. */
  async look(webhookId: string, id: string): Promise<FoundDelivery<Message> | undefined> {
    return isMessageId(id) ? await unlessAway(() => this.lookAt(webhookId, id)) : undefined;
  }

  /**
   * Finds a delivery to a webhook.
   *
   * @throws {DarkroomError} Thrown with `not_found` when there is none, or none any more.
   */
  async find(webhookId: string, id: string): Promise<FoundDelivery<Message>> {
    const found = await this.look(webhookId, id);
    if (found !== undefined) return found;
    throw new DarkroomError({
      code: 'not_found',
      message: 'there is no such delivery; they are kept for three days after their end',
      param: 'delivery',
    });
  }

  /**
   * Tells how deliveries of generations' ends stand, without their messages; undefined for those that are not there.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away.
   */
  async standings(
    of: readonly { readonly webhookId: string; readonly generationId: string }[],
  ): Promise<('pending' | 'ended' | undefined)[]> {
    const ids = of.map(({ webhookId, generationId }) => deliveryJobId(webhookId, messageIdOf(generationId)));
    const standings = await unlessAway(() => readJobStandings(this.redis, WEBHOOK_DELIVERIES, ids));
    return standings.map((job) => job && (job.endedAtMs === undefined ? 'pending' : 'ended'));
  }

  /** Returns the next page of a webhook's deliveries, the newest first. */
  async page(webhookId: string, { after, limit, status }: DeliveryQuery): Promise<DeliveryPage<Message>> {
    const deliveries: FoundDelivery<Message>[] = [];
    let cursor = after;
    for (let looks = 0; looks < MOST_LOOKS; looks += limit) {
      const ids = await unlessAway(() => this.idsAfter(webhookId, cursor, limit));
      const found = await unlessAway(() => Promise.all(ids.map((id) => this.lookAt(webhookId, id))));
      for (const [position, delivery] of found.entries()) {
        if (delivery !== undefined && (status === undefined || deliveryStatus(delivery.state) === status))
          deliveries.push(delivery);
        if (deliveries.length === limit)
          return { deliveries, lastId: ids[position], hasMore: position < ids.length - 1 || ids.length === limit };
      }
      cursor = ids.at(-1);
      if (ids.length < limit) return { deliveries, lastId: cursor, hasMore: false };
    }
    return { deliveries, lastId: cursor, hasMore: true };
  }

  /**
   * Sends a delivery again now; one that had ended begins anew.
   *
   * @throws {DarkroomError} Thrown with `not_found` when there is none, and with `conflict` while it is being sent anyway.
   */
  async replay(webhookId: string, id: string): Promise<FoundDelivery<Message>> {
    const { job, state } = await this.find(webhookId, id);
    if (state === 'active') {
      throw new DarkroomError({ code: 'conflict', message: 'the delivery is being sent at this moment; look at it again soon' });
    }
    await unlessAway(async () => {
      try {
        if (state === 'delayed') await job.promote();
        if (state === 'completed' || state === 'failed') await job.retry(state);
      } catch (error) {
        // It has been moved meanwhile, by another request or because its time had come.
        if ((error as { code?: unknown }).code !== JOB_NOT_IN_STATE) throw error;
      }
    });
    return await this.find(webhookId, id);
  }

  async close(): Promise<void> {
    await this.queue.close();
  }

  private async lookAt(webhookId: string, id: string): Promise<FoundDelivery<Message> | undefined> {
    const jobId = deliveryJobId(webhookId, id);
    // The state before the job: a delivery that ends in between then still has its last attempt.
    const state = await this.queue.getJobState(jobId);
    const job = state === 'unknown' ? undefined : await this.queue.getJob(jobId);
    return job === undefined ? undefined : { job, state };
  }

  private async idsAfter(webhookId: string, after: string | undefined, count: number): Promise<string[]> {
    const from = after === undefined ? '+' : `(${after}`;
    return await this.redis.zrevrangebylex(indexOf(webhookId), from, '-', 'LIMIT', 0, count);
  }
}

async function unlessAway<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw redisUnavailable(error);
  }
}

/** The smallest id that a delivery which can still be fetched may have: a UUID of version 7 begins with its milliseconds. */
function oldestId(): string {
  const milliseconds = (Date.now() - INDEX_SECONDS * 1000).toString(16).padStart(12, '0');
  return `msg_${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}`;
}
