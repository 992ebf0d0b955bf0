import {
  DarkroomError,
  decodeGenerationJob,
  decodeGenerationResult,
  fromQueue,
  type GenerationJob,
  type GenerationProgress,
  type GenerationResult,
  type QueuePayload,
} from '@darkroom/contracts';
import type { GenerationBody } from '@darkroom/contracts/http';
import type { GenerationQueue } from '@darkroom/service-kit/queue';

/** A job of a model's queue. */
export type QueueJob = NonNullable<Awaited<ReturnType<GenerationQueue['getJob']>>>;

/** A generation as its tenant may see it. */
export interface GenerationState {
  readonly job: GenerationJob;
  readonly status: GenerationBody['status'];
  readonly progress: GenerationProgress | undefined;
  /** Present when it has succeeded. */
  readonly result: GenerationResult | undefined;
  /** Present when it has failed or is cancelled. */
  readonly error: DarkroomError | undefined;
}

/** Tells whether a generation has ended, one way or another. */
export function hasEnded({ status }: Pick<GenerationState, 'status'>): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'cancelled';
}

/**
 * Reads a generation's state off its job.
 *
 * A job that waits ends when it is cancelled or its deadline passes, though it stays in the queue: whichever worker takes it drops it
 * untouched, and until one does, nobody needs to wait for that.
 *
 * @param state BullMQ's word for where the job is.
 * @param isCancelled whether its cancellation had been noted before that state was read.
 */
export function readState(job: QueueJob, state: string, isCancelled: boolean): GenerationState {
  const generation = decodeGenerationJob(job.data);
  const common = { job: generation, progress: undefined, result: undefined, error: undefined };
  switch (state) {
    case 'completed':
      return succeeded(generation, job.returnvalue);
    case 'failed':
      return { ...common, ...failure(fromQueue(job.failedReason)) };
    case 'active':
      return { ...common, status: isCancelled ? 'cancelling' : 'running', progress: progressOf(job) };
    default: {
      const { deadlineAtMs } = generation;
      if (isCancelled) return { ...common, ...failure(cancelled()) };
      if (deadlineAtMs > 0 && deadlineAtMs <= Date.now()) return { ...common, ...failure(tooLate()) };
      return { ...common, status: 'queued' };
    }
  }
}

/** Returns the state of a generation that has succeeded, of what its job returned. */
export function succeeded(job: GenerationJob, returned: QueuePayload): GenerationState {
  return { job, status: 'succeeded', progress: undefined, result: decodeGenerationResult(returned), error: undefined };
}

function failure(error: DarkroomError) {
  return { status: error.code === 'cancelled' ? 'cancelled' : 'failed', error } as const;
}

function cancelled(): DarkroomError {
  return new DarkroomError({ code: 'cancelled', message: 'the generation was cancelled' });
}

function tooLate(): DarkroomError {
  return new DarkroomError({ code: 'deadline_exceeded', message: 'the deadline passed before the generation was begun' });
}

function progressOf({ progress }: QueueJob): GenerationProgress | undefined {
  // BullMQ says 0 until the worker has said something.
  return typeof progress === 'object' ? (progress as GenerationProgress) : undefined;
}
