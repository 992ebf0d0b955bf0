import { DarkroomError, decodeGenerationJob, type GenerationProgress, type QueuePayload, stages } from '@darkroom/contracts';
import { checkpointUsage } from '@darkroom/onnx-pipeline';
import { Lifecycle, Log, Metrics } from '@darkroom/service-kit';
import { publishEvent } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { CheckpointStore } from './checkpoint-store.js';
import { GenerationRun } from './generation-run.js';
import { Intake } from './intake.js';
import { KeptInputs } from './kept-inputs.js';
import { ProgressTracker, throttledProgress } from './progress.js';
import { RedisConnections } from './redis-connections.js';
import { UsageMeter } from './usage-meter.js';
import { WorkerReporter } from './worker-reporter.js';

/** When the service stops, what has made its steps gets this long to be decoded, judged and stored. */
const graceMs = 5_000;

/** A job of a model's queue. */
export type QueueJob = Job<QueuePayload, QueuePayload, 'generation'>;

/** A run, and what ends with it. */
export interface OpenRun {
  readonly run: GenerationRun;
  /** Why it is wanted no more: `cancelled` or `deadline_exceeded`; undefined while it is wanted. */
  givenUp(): DarkroomError | undefined;
  /** Resolves when its last checkpoints are stored; then another worker may have it. */
  flushed(): Promise<void>;
  /**
   * Deletes what only a generation that goes on needs, and of one that failed all that it was made from; failing to is no failure of
   * the generation.
   */
  forget(outcome: 'succeeded' | 'failed'): Promise<void>;
  /** Lets go of what it listened to. */
  close(): void;
}

/** Surrounds a job that was taken off the queue with all that its run needs. */
@Injectable()
export class RunFactory {
  /** Aborts some seconds after the service began to stop. */
  private readonly graceOver = new AbortController();
  private readonly waits;

  constructor(
    private readonly connections: RedisConnections,
    private readonly checkpoints: CheckpointStore,
    private readonly inputs: KeptInputs,
    private readonly reporter: WorkerReporter,
    private readonly intake: Intake,
    private readonly log: Log,
    lifecycle: Lifecycle,
    metrics: Metrics,
  ) {
    this.waits = metrics.counter({
      name: 'darkroom_stage_waits_total',
      help: 'Attempts at a stage that the service that it needs was away at, so that the generation waits for it.',
      labelNames: ['stage'],
    });
    // From the start, so that the first wait is a rise.
    for (const stage of stages) this.waits.inc({ stage }, 0);
    const startGrace = () => void setTimeout(() => this.graceOver.abort(), graceMs).unref();
    lifecycle.draining.addEventListener('abort', startGrace, { once: true });
  }

  /** Aborts when jobs are to go to other workers. */
  get draining(): AbortSignal {
    return this.intake.draining;
  }

  /**
   * Opens a run of a job.
   *
   * @param lockLost aborts when the job has become another worker's.
   * @throws {DarkroomError} Thrown with `internal` when the job is none of ours, and with what the blob store throws.
   */
  async open(queueJob: QueueJob, lockLost: AbortSignal): Promise<OpenRun> {
    const job = decodeGenerationJob(queueJob.data);
    const isRetry = queueJob.attemptsStarted > 1;
    const [cancellation, checkpoints] = await Promise.all([
      this.connections.cancellations.watch(job.id),
      isRetry ? this.checkpoints.load(job) : new Map<number, Uint8Array>(),
    ]);
    const deadline = deadlineSignal(job.deadlineAtMs);
    const checkpointWriter = this.checkpoints.writer(job.id);
    const send = throttledProgress((progress: GenerationProgress) => {
      const event = publishEvent(this.connections.commands, job.id, { progress, partialImage: undefined });
      return Promise.all([queueJob.updateProgress({ ...progress }), event]);
    });
    const usage = usageOf(checkpoints);
    const leave = this.reporter.enter(job, usage);
    const run = new GenerationRun({
      job,
      signal: AbortSignal.any([cancellation.signal, deadline, lockLost, this.graceOver.signal]),
      draining: this.draining,
      progress: new ProgressTracker(job, send),
      usage,
      checkpoints,
      checkpointWriter,
      log: this.log,
      onWait: (stage) => this.waits.inc({ stage }),
    });
    return {
      run,
      givenUp: () => {
        if (cancellation.signal.aborted) return new DarkroomError({ code: 'cancelled', message: 'the generation was cancelled' });
        const isLate = job.deadlineAtMs > 0 && Date.now() >= job.deadlineAtMs;
        if (!isLate) return undefined;
        return new DarkroomError({ code: 'deadline_exceeded', message: 'the deadline passed before the images were done' });
      },
      flushed: () => checkpointWriter.flushed(),
      forget: async (outcome) => {
        await checkpointWriter.flushed();
        const left = isRetry || checkpointWriter.hasWritten ? this.checkpoints.delete(job) : undefined;
        const inputs = outcome === 'succeeded' ? this.inputs.keep(job) : this.inputs.forget(job);
        await Promise.all([left, inputs]).catch((error: unknown) => {
          this.log.warn('what an ended generation left could not be deleted', { generationId: job.id, error });
        });
      },
      close: () => {
        cancellation.stop();
        leave();
      },
    };
  }
}

/** Aborts at a moment in Unix milliseconds; never for 0. */
function deadlineSignal(atMs: number): AbortSignal {
  if (atMs === 0) return new AbortController().signal;
  const leftMs = Math.ceil(atMs - Date.now());
  return leftMs > 0 ? AbortSignal.timeout(leftMs) : AbortSignal.abort();
}

function usageOf(checkpoints: ReadonlyMap<number, Uint8Array>): UsageMeter {
  const meter = new UsageMeter();
  for (const [image, checkpoint] of checkpoints) {
    const usage = checkpointUsage(checkpoint);
    if (usage !== undefined) meter.enter(image, usage);
  }
  return meter;
}
