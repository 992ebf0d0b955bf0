import {
  DarkroomError,
  decodeGenerationJob,
  encodeGenerationResult,
  type GenerationJob,
  type QueuePayload,
  toQueue,
} from '@darkroom/contracts';
import { Lifecycle, Log, Metrics } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { DelayedError, type Job, UnrecoverableError, WaitingError } from 'bullmq';
import { GenerationPipeline } from './generation-pipeline.js';
import { mayPass } from './patience.js';
import { throttledProgress } from './progress.js';

/** A generation is given up when it could not be finished within this time of being asked for. */
const longestLifeMs = 15 * 60_000;

/** Waits before a generation is tried again grow by a second each time, up to this. */
const longestDelayMs = 5_000;

/** A job of a model's queue. */
export type QueueJob = Job<QueuePayload, QueuePayload, 'generation'>;

/**
 * Sees to it that each job ends in exactly one way.
 *
 * - It succeeds, or fails for a reason that would not change: it is finished.
 * - A neighbour stays away: it goes back, to be tried again in a few seconds, until it is 15 minutes old.
 * - This service is told to stop: it goes back to the head of the queue, for another worker to take at once.
 * - This process dies: its lock on the job runs out, and another worker takes it.
 */
@Injectable()
export class JobProcessor {
  private readonly draining: AbortSignal;
  private readonly outcomes;

  constructor(
    private readonly pipeline: GenerationPipeline,
    lifecycle: Lifecycle,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.draining = lifecycle.draining;
    this.outcomes = metrics.counter({
      name: 'darkroom_jobs_total',
      help: 'Runs of jobs by how they ended: succeeded, released, delayed, or the code of the error they failed with.',
      labelNames: ['outcome'],
    });
  }

  /** Resolves when jobs can be processed; rejects when they never can. */
  async ready(): Promise<void> {
    await this.pipeline.ready();
  }

  /**
   * Processes one job for BullMQ.
   *
   * @throws WaitingError or DelayedError when the job has gone back to the queue, UnrecoverableError with the error's JSON when
   *   it has failed.
   */
  async process(queueJob: QueueJob, token = ''): Promise<QueuePayload> {
    const start = performance.now();
    let job: GenerationJob | undefined;
    try {
      job = decodeGenerationJob(queueJob.data);
      const result = await this.pipeline.run(job, {
        signal: this.draining,
        onProgress: throttledProgress((progress) => queueJob.updateProgress({ ...progress })),
      });
      this.outcomes.inc({ outcome: 'succeeded' });
      this.log.info('generation finished', { generationId: job.id, images: result.images.length, seconds: secondsSince(start) });
      return encodeGenerationResult(result);
    } catch (thrown) {
      throw await this.settle(queueJob, token, DarkroomError.from(thrown), job);
    }
  }

  /** Puts the job where it belongs after an error, and returns what tells BullMQ so. */
  private async settle(queueJob: QueueJob, token: string, error: DarkroomError, job: GenerationJob | undefined): Promise<Error> {
    const facts = { generationId: queueJob.id, code: error.code, reason: error.message };
    if (this.draining.aborted) {
      await queueJob.moveToWait(token);
      this.outcomes.inc({ outcome: 'released' });
      this.log.info('generation released to another worker', facts);
      return new WaitingError();
    }
    if (mayPass(error) && Date.now() - queueJob.timestamp < longestLifeMs) {
      const delayMs = Math.min(1_000 * queueJob.attemptsStarted, longestDelayMs);
      await queueJob.moveToDelayed(Date.now() + delayMs, token);
      this.outcomes.inc({ outcome: 'delayed' });
      this.log.warn('generation put back for later', { ...facts, delaySeconds: delayMs / 1_000 });
      return new DelayedError();
    }
    if (job !== undefined) {
      await this.pipeline.forget(job);
    }
    this.outcomes.inc({ outcome: error.code });
    this.log.warn('generation failed', { ...facts, error: error.code === 'internal' ? error.cause : undefined });
    return new UnrecoverableError(toQueue(error));
  }
}

function secondsSince(startMs: number): number {
  return Math.round(performance.now() - startMs) / 1_000;
}
