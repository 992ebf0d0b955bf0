import { DarkroomError, encodeGenerationResult, errorCodes, type QueuePayload, toQueue } from '@darkroom/contracts';
import { incomingContext, inSpan, Log, Metrics, SpanKind } from '@darkroom/service-kit';
import { Injectable } from '@nestjs/common';
import { DelayedError, UnrecoverableError, WaitingError } from 'bullmq';
import { GenerationPipeline } from './generation-pipeline.js';
import type { GenerationRun } from './generation-run.js';
import { mayPass } from './patience.js';
import { Recovery } from './recovery.js';
import { RedisConnections } from './redis-connections.js';
import { type OpenRun, type QueueJob, RunFactory } from './run-factory.js';

/** A generation is given up when it could not be finished within this time of being asked for. */
const longestLifeMs = 15 * 60_000;

/** Waits before a generation is tried again grow by a second each time, up to this. */
const longestDelayMs = 5_000;

/**
 * Sees to it that each job ends in exactly one way.
 *
 * - It succeeds, or fails for a reason that would not change: it is finished.
 * - It is cancelled, or its deadline passes: it is finished, and charged for what it used.
 * - A neighbour stays away: it goes back, to be tried again in a few seconds, until it is 15 minutes old.
 * - This service is told to stop, or drained by an operator: it goes back to the head of the queue, for another worker to go on with at once.
 * - This process dies: its lock on the job runs out, and another worker goes on; when that dies too, see {@link Recovery}.
 *
 * Whoever is to be told of a job's end is told before BullMQ ends it: a process that dies in between leaves a job that is ended again.
 */
@Injectable()
export class JobProcessor {
  private readonly outcomes;

  constructor(
    private readonly runs: RunFactory,
    private readonly pipeline: GenerationPipeline,
    private readonly recovery: Recovery,
    private readonly connections: RedisConnections,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    this.outcomes = metrics.counter({
      name: 'darkroom_jobs_total',
      help: 'Runs of jobs by how they ended: succeeded, released, delayed, lost, or the code of the error they failed with.',
      labelNames: ['outcome'],
    });
    // From the start, so that the first failure is a rise.
    for (const outcome of errorCodes) this.outcomes.inc({ outcome }, 0);
  }

  /** Resolves when jobs can be processed; rejects when they never can. */
  async ready(): Promise<void> {
    await this.pipeline.ready();
  }

  /**
   * Processes one job for BullMQ.
   *
   * @param lockLost aborts when the job has become another worker's.
   * @throws WaitingError or DelayedError when the job has gone back to the queue, UnrecoverableError with the error's JSON when
   *   it has failed.
   */
  async process(queueJob: QueueJob, token = '', lockLost: AbortSignal = new AbortController().signal): Promise<QueuePayload> {
    const start = performance.now();
    let open: OpenRun | undefined;
    let made: QueuePayload | undefined;
    try {
      open = await this.runs.open(queueJob, lockLost);
      const { run } = open;
      const { attemptsStarted } = queueJob;
      const { job, surroundings } = run;
      const attempt = {
        job,
        token: `${token}:${attemptsStarted}`,
        isRetry: attemptsStarted > 1,
        progress: surroundings.usage.passes,
      };
      const result = await inSpan('generation', spanOf(run, attemptsStarted), () =>
        this.recovery.run(attempt, () => this.pipeline.run(run)),
      );
      made = encodeGenerationResult(result);
      await Promise.all([this.connections.webhookEvents.add(job.id), open.forget('succeeded')]);
      this.outcomes.inc({ outcome: 'succeeded' });
      this.log.info('generation finished', { generationId: job.id, images: result.images.length, seconds: secondsSince(start) });
      return made;
    } catch (thrown) {
      // What has been made is not to be settled as a failure; whoever takes the job next finds it stored.
      if (lockLost.aborted || made !== undefined) throw this.leave(queueJob, thrown);
      // A job that can't be moved, since Redis is away, must not be taken for one that failed.
      throw await this.settle(queueJob, token, thrown, open).catch((error: unknown) => this.leave(queueJob, error));
    } finally {
      open?.close();
    }
  }

  /** Puts the job where it belongs after an error, and returns what tells BullMQ so. */
  private async settle(queueJob: QueueJob, token: string, thrown: unknown, open: OpenRun | undefined): Promise<Error> {
    // What has not been stored of a checkpoint would be lost to whoever goes on.
    await open?.flushed();
    const givenUp = open?.givenUp();
    const error = open !== undefined && givenUp !== undefined ? await this.charge(open, givenUp) : DarkroomError.from(thrown);
    const isFinal = error === givenUp || !mayPass(error);
    const { draining } = open?.run.surroundings ?? this.runs;
    if (!isFinal && draining.aborted) return await this.release(queueJob, token, error);
    if (!isFinal && Date.now() - queueJob.timestamp < longestLifeMs) return await this.delay(queueJob, token, error);

    if (error.code === 'worker_lost') await this.recovery.setAside(queueJob.id as string, queueJob.data, error);
    await this.connections.webhookEvents.add(queueJob.id as string);
    await open?.forget('failed');
    this.outcomes.inc({ outcome: error.code });
    const cause = error.code === 'internal' ? error.cause : undefined;
    this.log.warn('generation failed', { ...factsOf(queueJob, error), error: cause });
    return new UnrecoverableError(toQueue(error));
  }

  private async release(queueJob: QueueJob, token: string, error: DarkroomError): Promise<Error> {
    await takeFirst(queueJob);
    await queueJob.moveToWait(token);
    this.outcomes.inc({ outcome: 'released' });
    this.log.info('generation released to another worker', factsOf(queueJob, error));
    return new WaitingError();
  }

  private async delay(queueJob: QueueJob, token: string, error: DarkroomError): Promise<Error> {
    const delayMs = Math.min(1_000 * queueJob.attemptsStarted, longestDelayMs);
    await takeFirst(queueJob);
    await queueJob.moveToDelayed(Date.now() + delayMs, token);
    this.outcomes.inc({ outcome: 'delayed' });
    this.log.warn('generation put back for later', { ...factsOf(queueJob, error), delaySeconds: delayMs / 1_000 });
    return new DelayedError();
  }

  /** Leaves the job as it is: its lock has run out or will, and then another worker takes it. */
  private leave(queueJob: QueueJob, thrown: unknown): Error {
    this.outcomes.inc({ outcome: 'lost' });
    this.log.warn('generation left to another worker', factsOf(queueJob, DarkroomError.from(thrown)));
    return new WaitingError();
  }

  /** Charges what a generation used that is given up; returns why it was, or why it could not be charged yet. */
  private async charge({ run }: OpenRun, givenUp: DarkroomError): Promise<DarkroomError> {
    try {
      await this.pipeline.chargeUsed(run, givenUp);
      return givenUp;
    } catch (error) {
      return DarkroomError.from(error);
    }
  }
}

/** Its turn has come once: wherever it is put back, it comes before those that wait for theirs. */
async function takeFirst(queueJob: QueueJob): Promise<void> {
  if (queueJob.priority !== 0) await queueJob.changePriority({ priority: 0 });
}

/** What the span of a run says; it continues the trace of the request that the job came from. */
function spanOf({ job }: GenerationRun, attempt: number) {
  const attributes = {
    'darkroom.generation.id': job.id,
    'darkroom.model': job.model,
    'darkroom.size': `${job.width}x${job.height}`,
    'darkroom.steps': job.steps,
    'darkroom.images': job.imageCount,
    'darkroom.attempt': attempt,
    'darkroom.queue_ms': Math.max(0, Date.now() - job.createdAtMs),
  };
  return { kind: SpanKind.CONSUMER, parent: incomingContext({ traceparent: job.traceparent }), attributes };
}

function factsOf({ id }: QueueJob, { code, message }: DarkroomError) {
  return { generationId: id, code, reason: message };
}

function secondsSince(startMs: number): number {
  return Math.round(performance.now() - startMs) / 1_000;
}
