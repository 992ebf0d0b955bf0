import { decodeGenerationJob, type GenerationJob, type GenerationProgress } from '@darkroom/contracts';
import type { QueueStateBody } from '@darkroom/contracts/admin';
import { redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { GenerationQueues } from '../queue/generation-queues.js';

/** What a model's queue has of a generation. */
export interface QueuedGeneration {
  readonly job: GenerationJob;
  readonly state: QueueStateBody;
}

/** BullMQ's words for where a job is, in ours; every other is of a job that waits. */
const states: Readonly<Record<string, QueueStateBody['state']>> = {
  active: 'running',
  delayed: 'put_back',
  completed: 'ended',
  failed: 'ended',
};

/** Looks generations up in their queues, which have them until a day after their end. */
@Injectable()
export class QueuedGenerations {
  private readonly queues: GenerationQueues;

  constructor(queues: GenerationQueues) {
    this.queues = queues;
  }

  /**
   * Finds a generation; undefined when its queue doesn't have it any more.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away.
   */
  async find(model: string, id: string): Promise<QueuedGeneration | undefined> {
    try {
      const queue = this.queues.of(model);
      const [state, job] = await Promise.all([queue.getJobState(id), queue.getJob(id)]);
      if (job === undefined) return undefined;
      return {
        job: decodeGenerationJob(job.data),
        state: {
          state: states[state] ?? 'waiting',
          workers_lost: job.stalledCounter,
          retry_at: state === 'delayed' ? new Date(job.timestamp + job.delay).toISOString() : null,
          progress: progressOf(job.progress),
        },
      };
    } catch (error) {
      throw redisUnavailable(error);
    }
  }
}

function progressOf(progress: unknown): QueueStateBody['progress'] {
  // BullMQ says 0 until the worker has said something.
  if (typeof progress !== 'object' || progress === null) return null;
  const { stage, step, steps, image } = progress as GenerationProgress;
  return { stage, step, steps, image };
}
