import { DarkroomError } from '@darkroom/contracts';
import { Lifecycle, Log, Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { DelayedError, UnrecoverableError } from 'bullmq';
import { Config } from '../config.js';
import { Crowd } from './crowd.js';
import type { Delivery, DeliveryJob } from './deliveries.js';
import { retryDelayMs } from './retry-schedule.js';
import { Sender } from './sender.js';

/** Messages that a gateway sends at a time, of one tenant and to one webhook, so that slow receivers hold up nobody else. */
const MOST_OF_TENANT = 16;
const MOST_TO_WEBHOOK = 4;

/** A message that found no room, or the control plane away, waits so long, and longer each time. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

/** Attempts of a delivery that are kept. */
const KEPT_ATTEMPTS = 20;

/** When the service stops, receivers get this long to answer what has been sent. */
const GRACE_MS = 3_000;

/** How a delivery ended. */
type Result = 'succeeded' | 'exhausted' | 'gone' | 'dropped';

/** Makes attempts at deliveries, and decides what becomes of each. */
@Injectable()
export class DeliveryProcessor {
  private readonly schedule: readonly number[];
  private readonly sender: Sender;
  private readonly log: Log;
  private readonly crowd = new Crowd();
  /** Aborts what is still being sent some seconds after the service began to stop. */
  private readonly graceOver = new AbortController();
  private readonly ended;

  constructor({ webhookRetrySeconds }: Config, sender: Sender, lifecycle: Lifecycle, log: Log, metrics: Metrics) {
    this.schedule = webhookRetrySeconds;
    this.sender = sender;
    this.log = log;
    this.ended = metrics.counter({
      name: 'darkroom_webhook_deliveries_total',
      help: 'Deliveries to webhooks that have ended, by how: succeeded, exhausted, gone, dropped.',
      labelNames: ['result'],
    });
    const startGrace = () => void setTimeout(() => this.graceOver.abort(), GRACE_MS).unref();
    lifecycle.draining.addEventListener('abort', startGrace, { once: true });
  }

  /**
   * Makes one attempt for BullMQ.
   *
   * @throws DelayedError when the message is sent again later, UnrecoverableError with the reason when it is not.
   */
  async process(job: DeliveryJob, token = ''): Promise<undefined> {
    const { tenantId, webhookId } = job.data;
    const leave = this.crowd.enter([
      [tenantId, MOST_OF_TENANT],
      [webhookId, MOST_TO_WEBHOOK],
    ]);
    if (leave === undefined) throw await this.pause(job, token);
    try {
      await this.attempt(job, token);
      return undefined;
    } finally {
      leave();
    }
  }

  private async attempt(job: DeliveryJob, token: string): Promise<void> {
    const sending = await this.sender.send(job.data, this.graceOver.signal).catch(async (thrown: unknown) => {
      throw await this.settle(job, token, thrown);
    });
    if (!sending.isSent) throw await this.giveUp(job, 'dropped', sending.reason);
    const { attempt } = sending;
    const attempts = [...job.data.attempts, attempt].slice(-KEPT_ATTEMPTS);
    if (attempt.error === null) {
      await job.updateData({ ...job.data, attempts, failures: 0 });
      this.ended.inc({ result: 'succeeded' });
      return;
    }
    const failures = job.data.failures + 1;
    const isGone = attempt.status_code === 410;
    const delayMs = isGone ? undefined : retryDelayMs(this.schedule, failures);
    if (delayMs !== undefined) throw await this.putBack(job, token, delayMs, { attempts, failures });
    throw await this.giveUp(job, isGone ? 'gone' : 'exhausted', attempt.error, attempts);
  }

  /** Decides what becomes of a delivery of which nothing is known to have been sent. */
  private async settle(job: DeliveryJob, token: string, thrown: unknown): Promise<Error> {
    const error = DarkroomError.from(thrown);
    // By its own gateway's end, the message goes on at once elsewhere.
    if (this.graceOver.signal.aborted) return await this.putBack(job, token, 0);
    if (error.code !== 'internal') return await this.pause(job, token);
    this.log.error('a webhook could not be attempted', { webhookId: job.data.webhookId, error: thrown });
    return await this.giveUp(job, 'dropped', error.message);
  }

  private async pause(job: DeliveryJob, token: string): Promise<Error> {
    const delayMs = Math.min(PAUSE_MS * job.attemptsStarted, LONGEST_PAUSE_MS) * (1 + Math.random());
    return await this.putBack(job, token, delayMs);
  }

  private async putBack(job: DeliveryJob, token: string, delayMs: number, changes: Partial<Delivery> = {}): Promise<Error> {
    const nextAttemptAtMs = Math.round(Date.now() + delayMs);
    await job.updateData({ ...job.data, ...changes, nextAttemptAtMs });
    await job.moveToDelayed(nextAttemptAtMs, token);
    return new DelayedError();
  }

  private async giveUp(job: DeliveryJob, result: Result, reason: string, attempts = job.data.attempts): Promise<Error> {
    await job.updateData({ ...job.data, attempts, failures: 0 });
    this.ended.inc({ result });
    this.log.warn('webhook given up', { webhookId: job.data.webhookId, deliveryId: job.data.message.id, result, reason });
    return new UnrecoverableError(reason);
  }
}
