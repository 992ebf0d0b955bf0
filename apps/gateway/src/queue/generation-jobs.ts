import { setTimeout as sleep } from 'node:timers/promises';
import { encodeGenerationJob, type GenerationJob, type QueuePayload } from '@darkroom/contracts';
import { Lifecycle, Log, Metrics } from '@darkroom/service-kit';
import { GENERATION_JOB, isCancellationRequested, redisUnavailable, requestCancellation } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { Journal } from '../journal/journal.js';
import { JournalledStates } from '../journal/journalled-state.js';
import { type GenerationState, hasEnded, readState, succeeded } from './generation-state.js';
import { ModelQueues } from './model-queues.js';
import { NOTHING_STARTED, RedisCommands } from './redis.provider.js';

/** How often a waiter looks by itself, in case an event was lost while Redis or its connection was away. */
const LOOK_INTERVAL_MS = 1_000;
const RETRACT_PATIENCE_MS = 60_000;

/** A generation that may be added to the queue. */
export interface AdmittedJob {
  readonly job: GenerationJob;
  /** BullMQ's priority, which is its place. */
  readonly priority: number;
}

/** Who cancels a generation: a client that asks for it, or one that hangs up. */
export type CancellationReason = 'asked' | 'hung_up';

/** Adds generations to their queues, looks at them, waits for their end, and cancels them. */
@Injectable()
export class GenerationJobs {
  private readonly queues: ModelQueues;
  private readonly commands: RedisCommands;
  private readonly journal: Journal;
  private readonly journalled: JournalledStates;
  private readonly lifecycle: Lifecycle;
  private readonly log: Log;
  private readonly enqueued;
  private readonly cancellations;

  constructor(
    queues: ModelQueues,
    commands: RedisCommands,
    journal: Journal,
    journalled: JournalledStates,
    lifecycle: Lifecycle,
    log: Log,
    metrics: Metrics,
  ) {
    this.queues = queues;
    this.commands = commands;
    this.journal = journal;
    this.journalled = journalled;
    this.lifecycle = lifecycle;
    this.log = log;
    this.enqueued = metrics.counter({
      name: 'darkroom_generations_enqueued_total',
      help: 'Generations that were admitted and entered the queue, by model.',
      labelNames: ['model'],
    });
    this.cancellations = metrics.counter({
      name: 'darkroom_cancellations_total',
      help: 'Cancellations that were noted, by why: asked for, or the client hung up.',
      labelNames: ['reason'],
    });
  }

  /**
   * Adds a generation at its place; adding one of the same id again changes nothing.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when Redis didn't confirm it.
   */
  async add({ job, priority }: AdmittedJob): Promise<void> {
    const payload = encodeGenerationJob(job);
    try {
      await this.queues.of(job.model).add(GENERATION_JOB, payload, { jobId: job.id, timestamp: job.createdAtMs, priority });
      this.enqueued.inc({ model: job.model });
      this.log.info('generation enqueued', { generationId: job.id, model: job.model, tenantId: job.tenantId });
    } catch (error) {
      throw redisUnavailable(error, NOTHING_STARTED);
    }
  }

  /**
   * Takes back a job that Redis may have got although it didn't confirm it, unless a worker has it already, and takes it out of the
   * journal too.
   *
   * The client has heard that nothing was started and will ask again, so running it would cost twice.
   */
  async retract(job: GenerationJob): Promise<void> {
    await Promise.all([this.journal.withdraw(job.id), this.takeBack(job)]);
  }

  /** Looks a generation up; undefined when there is none of that id, or none any more. */
  async find(id: string): Promise<GenerationState | undefined> {
    return (await this.inQueue(id)) ?? (await this.journalled.find(id));
  }

  /** Looks a generation up in the queues; undefined when none of them has it. */
  async inQueue(id: string): Promise<GenerationState | undefined> {
    try {
      // The note before the state: a job that is seen to wait after it was cancelled is bound to be dropped when it is taken.
      const isCancelled = await isCancellationRequested(this.commands.redis, id);
      for (const queue of await this.queues.all()) {
        // The state before the job: a job that ends in between then still has its result.
        const state = await queue.getJobState(id);
        if (state === 'unknown') continue;
        const job = await queue.getJob(id);
        if (job !== undefined) return readState(job, state, isCancelled);
      }
      return undefined;
    } catch (error) {
      throw redisUnavailable(error);
    }
  }

  /**
   * Notes that a generation is wanted no more: a worker that has it stops within a step, one that takes it later drops it. One that
   * has ended is left as it is.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when Redis didn't confirm the note.
   */
  async cancel(id: string, reason: CancellationReason): Promise<void> {
    try {
      await requestCancellation(this.commands.redis, id);
    } catch (error) {
      throw redisUnavailable(error, 'the queue is not reachable; the generation was not cancelled');
    }
    void this.journal.noteCancellation(id);
    this.cancellations.inc({ reason });
    this.log.info('generation cancelled', { generationId: id, reason });
  }

  /**
   * Waits until a generation has ended, and returns its last state; undefined when the signal aborts before.
   *
   * @param lookIntervalMs how often to look without being told to.
   */
  async ended(id: string, over: AbortSignal, lookIntervalMs = LOOK_INTERVAL_MS): Promise<GenerationState | undefined> {
    while (!over.aborted) {
      const look = this.nextLook(id, over, lookIntervalMs);
      // While Redis is away nothing can be seen; the generation is safe there, so keep waiting.
      const state = await this.find(id).catch(() => undefined);
      if (state !== undefined && hasEnded(state)) {
        look.cancel();
        return state;
      }
      const returned = await look.promise;
      // The event has all that looking would show.
      if (state !== undefined && returned !== undefined) return succeeded(state.job, returned);
    }
    return undefined;
  }

  private async takeBack({ id, model }: GenerationJob): Promise<void> {
    const patience = Date.now() + RETRACT_PATIENCE_MS;
    while (Date.now() < patience && !this.lifecycle.draining.aborted) {
      try {
        if ((await this.queues.of(model).remove(id)) === 1)
          this.log.info('an unconfirmed job was taken back', { generationId: id });
        return;
      } catch {
        await sleep(500, undefined, { ref: false });
      }
    }
  }

  /**
   * Resolves when an event says that the generation has ended, when it is time to look anyway, or when waiting is over: with what it
   * returned when an event said that it succeeded.
   */
  private nextLook(id: string, over: AbortSignal, intervalMs: number) {
    const { promise, resolve } = Promise.withResolvers<QueuePayload | undefined>();
    const timer = setTimeout(() => resolve(undefined), intervalMs);
    const stopListening = this.queues.onEnd((endedId, returned) => {
      if (endedId === id) resolve(returned);
    });
    const abort = () => resolve(undefined);
    over.addEventListener('abort', abort, { once: true });
    const cancel = () => {
      clearTimeout(timer);
      stopListening();
      over.removeEventListener('abort', abort);
    };
    return { promise: promise.finally(cancel), cancel };
  }
}
