import { setTimeout as sleep } from 'node:timers/promises';
import {
  DarkroomError,
  decodeGenerationJob,
  decodeGenerationResult,
  encodeGenerationJob,
  fromQueue,
  type GenerationJob,
  type GenerationProgress,
  type GenerationResult,
} from '@darkroom/contracts';
import { Lifecycle, Log, Metrics } from '@darkroom/service-kit';
import { GENERATION_JOB, type GenerationQueue, redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { ModelQueues } from './model-queues.js';
import { NOTHING_STARTED } from './redis.provider.js';

/** A generation as the queue knows it. */
export interface GenerationState {
  readonly job: GenerationJob;
  readonly status: 'queued' | 'running' | 'succeeded' | 'failed';
  readonly progress: GenerationProgress | undefined;
  readonly result: GenerationResult | undefined;
  readonly error: DarkroomError | undefined;
}

/** How often a waiter looks by itself, in case an event was lost while Redis or its connection was away. */
const LOOK_INTERVAL_MS = 1_000;
const RETRACT_PATIENCE_MS = 60_000;

/** Adds generations to their queues, looks at them, and waits for them. */
@Injectable()
export class GenerationJobs {
  private readonly queues: ModelQueues;
  private readonly lifecycle: Lifecycle;
  private readonly log: Log;
  private readonly enqueued;

  constructor(queues: ModelQueues, lifecycle: Lifecycle, log: Log, metrics: Metrics) {
    this.queues = queues;
    this.lifecycle = lifecycle;
    this.log = log;
    this.enqueued = metrics.counter({
      name: 'darkroom_generations_enqueued_total',
      help: 'Generations that were admitted and entered the queue, by model.',
      labelNames: ['model'],
    });
  }

  /**
   * Adds a generation; adding one of the same id again changes nothing.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when Redis didn't confirm it.
   */
  async add(job: GenerationJob): Promise<void> {
    const payload = encodeGenerationJob(job);
    try {
      await this.queues.of(job.model).add(GENERATION_JOB, payload, { jobId: job.id, timestamp: job.createdAtMs });
      this.enqueued.inc({ model: job.model });
    } catch (error) {
      throw redisUnavailable(error, NOTHING_STARTED);
    }
  }

  /**
   * Takes back a job that Redis may have got although it didn't confirm it, unless a worker has it already.
   *
   * The client has heard that nothing was started and will ask again, so running it would cost twice.
   */
  async retract({ id, model }: GenerationJob): Promise<void> {
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

  /** Looks a generation up; undefined when there is none of that id, or none any more. */
  async find(id: string): Promise<GenerationState | undefined> {
    try {
      for (const queue of this.queues.all()) {
        // The state first: a job that ends in between then still has its result.
        const state = await queue.getJobState(id);
        if (state === 'unknown') continue;
        const job = await queue.getJob(id);
        if (job !== undefined) return describe(job, state);
      }
      return undefined;
    } catch (error) {
      throw redisUnavailable(error);
    }
  }

  /**
   * Waits until a generation has ended, and returns its result.
   *
   * @throws {DarkroomError} Thrown with what the generation failed of, or with `unavailable` when the time is over or the service
   *   stops, or with `cancelled` when the signal aborts. The generation goes on in the latter cases.
   */
  async wait(id: string, timeoutMs: number, signal: AbortSignal): Promise<GenerationResult> {
    const over = AbortSignal.any([signal, this.lifecycle.draining, AbortSignal.timeout(timeoutMs)]);
    while (!over.aborted) {
      const ended = this.nextLook(id, over);
      // While Redis is away nothing can be seen; the generation is safe there, so keep waiting.
      const state = await this.find(id).catch(() => undefined);
      if (state?.status === 'succeeded' && state.result !== undefined) {
        ended.cancel();
        return state.result;
      }
      if (state?.status === 'failed') {
        ended.cancel();
        throw state.error;
      }
      await ended.promise;
    }
    if (signal.aborted) throw new DarkroomError({ code: 'cancelled', message: 'the client has gone' });
    throw new DarkroomError({
      code: 'unavailable',
      message: `the image is not ready yet; the generation goes on, fetch it with GET /v1/generations/${id}`,
      retryAfterSeconds: 5,
    });
  }

  /** Resolves when an event says that the generation has ended, when it is time to look anyway, or when waiting is over. */
  private nextLook(id: string, over: AbortSignal): { promise: Promise<void>; cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LOOK_INTERVAL_MS);
    const stopListening = this.queues.onEnd((endedId) => {
      if (endedId === id) resolve();
    });
    const abort = () => resolve();
    over.addEventListener('abort', abort, { once: true });
    const cancel = () => {
      clearTimeout(timer);
      stopListening();
      over.removeEventListener('abort', abort);
    };
    return { promise: promise.finally(cancel), cancel };
  }
}

type QueueJob = NonNullable<Awaited<ReturnType<GenerationQueue['getJob']>>>;

function describe(job: QueueJob, state: string): GenerationState {
  const common = { job: decodeGenerationJob(job.data), progress: undefined, result: undefined, error: undefined };
  switch (state) {
    case 'completed':
      return { ...common, status: 'succeeded', result: decodeGenerationResult(job.returnvalue) };
    case 'failed':
      return { ...common, status: 'failed', error: fromQueue(job.failedReason) };
    case 'active':
      return { ...common, status: 'running', progress: progressOf(job) };
    default:
      return { ...common, status: 'queued' };
  }
}

function progressOf({ progress }: QueueJob): GenerationProgress | undefined {
  // BullMQ says 0 until the worker has said something.
  return typeof progress === 'object' ? (progress as GenerationProgress) : undefined;
}
