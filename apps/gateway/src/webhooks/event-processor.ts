import { DarkroomError } from '@darkroom/contracts';
import { Lifecycle, Log } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { DelayedError, type Job } from 'bullmq';
import { Neighbours } from '../neighbours/neighbours.js';
import { GenerationJobs } from '../queue/generation-jobs.js';
import { Deliveries } from './deliveries.js';
import { endMessage } from './message.js';

/** The end follows at once on its being told, unless the worker died in between; then another one ends the generation. */
const PATIENCE_MS = 2_000;

/** An event that can't be passed on yet waits so long, and longer each time. */
const PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** A generation can be looked up for a day; after that there is nothing to tell of it any more. */
const LONGEST_LIFE_MS = 24 * 60 * 60 * 1000;

/** Passes the ends of generations on to the webhooks that want to be told of them. */
@Injectable()
export class EventProcessor {
  private readonly jobs: GenerationJobs;
  private readonly neighbours: Neighbours;
  private readonly deliveries: Deliveries;
  private readonly lifecycle: Lifecycle;
  private readonly log: Log;

  constructor(jobs: GenerationJobs, neighbours: Neighbours, deliveries: Deliveries, lifecycle: Lifecycle, log: Log) {
    this.jobs = jobs;
    this.neighbours = neighbours;
    this.deliveries = deliveries;
    this.lifecycle = lifecycle;
    this.log = log;
  }

  /**
   * Passes one event on for BullMQ.
   *
   * @throws DelayedError when it could not be passed on yet.
   */
  async process(job: Job<object, undefined>, token = ''): Promise<undefined> {
    const generationId = job.id ?? '';
    const reason = await this.passOn(generationId, job.timestamp).catch((error: unknown) => DarkroomError.from(error).message);
    if (reason === undefined) return undefined;
    if (Date.now() - job.timestamp > LONGEST_LIFE_MS) {
      this.log.error('the end of a generation was told to no webhook', { generationId, reason });
      return undefined;
    }
    this.log.warn('the end of a generation waits to be passed on', { generationId, reason });
    await job.moveToDelayed(Date.now() + Math.min(PAUSE_MS * job.attemptsStarted, LONGEST_PAUSE_MS), token);
    throw new DelayedError();
  }

  /** Adds a delivery for each webhook that wants one; returns why it is too early for that, if it is. */
  private async passOn(generationId: string, endedAtMs: number): Promise<string | undefined> {
    const over = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), this.lifecycle.draining]);
    const state = await this.jobs.ended(generationId, over);
    const message = state && endMessage(state, endedAtMs);
    if (state === undefined || message === undefined) return 'it has not ended';
    const { tenantId } = state.job;
    const { webhooks } = await this.neighbours.webhooks.listWebhooks({ tenantId });
    const wanting = webhooks.filter(({ enabled, events }) => enabled && events.includes(message.type));
    await Promise.all(wanting.map(({ id }) => this.deliveries.add(id, tenantId, message)));
    return undefined;
  }
}
