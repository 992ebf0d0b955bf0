import type { GenerationJob, GenerationProgressEvent } from '@darkroom/contracts';
import type { ProgressBody } from '@darkroom/contracts/http';
import { type QueuePosition, redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { type GenerationState, hasEnded } from '../queue/generation-state.js';
import { ModelQueues } from '../queue/model-queues.js';
import { Forecasts } from './forecasts.js';

/** Tells how far generations are, and when they are expected to be done. */
@Injectable()
export class GenerationProgressReader {
  private readonly queues: ModelQueues;
  private readonly forecasts: Forecasts;

  constructor(queues: ModelQueues, forecasts: Forecasts) {
    this.queues = queues;
    this.forecasts = forecasts;
  }

  /**
   * Tells how far a generation is; undefined when it has ended.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away.
   */
  async of(state: GenerationState): Promise<ProgressBody | undefined> {
    if (hasEnded(state)) return undefined;
    const { job, status, progress } = state;
    if (status !== 'queued') return await this.running(job, progress ?? notBegun(job));
    const [position] = await this.positions(job.model, [job.id]);
    return await this.queued(job, position);
  }

  /** Tells how far a generation is that waits; its position is unknown where it is put back for later. */
  async queued(job: GenerationJob, position: QueuePosition | undefined): Promise<ProgressBody> {
    const seconds = position && (await this.forecast(job)).finishSeconds(job, position.secondsAhead);
    const body = { ...notBegun(job), queue_position: position?.position ?? null };
    return { ...body, expected_finish: moment(seconds) };
  }

  /** Tells how far a generation is that a worker has. */
  async running(job: GenerationJob, progress: GenerationProgressEvent): Promise<ProgressBody> {
    const { stage, step, steps, image, images } = progress;
    const seconds = (await this.forecast(job)).runningSeconds(job, leftOf(progress));
    return { stage, step, steps, image, images, queue_position: null, expected_finish: moment(seconds) };
  }

  /**
   * Looks where generations of a model are that wait.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away.
   */
  async positions(model: string, ids: readonly string[]): Promise<(QueuePosition | undefined)[]> {
    return await this.queues
      .fair(model)
      .look(ids)
      .catch((error: unknown) => Promise.reject(redisUnavailable(error)));
  }

  private async forecast({ model }: GenerationJob) {
    return await this.forecasts.of(model).catch((error: unknown) => Promise.reject(redisUnavailable(error)));
  }
}

function notBegun({ steps, imageCount }: GenerationJob): GenerationProgressEvent {
  return { stage: 'queue', step: 0, steps, image: 0, images: imageCount };
}

/** The share of the steps that is left: images step side by side, so the current one's tells of all. */
function leftOf({ stage, step, steps }: GenerationProgressEvent): number {
  if (stage === 'queue' || stage === 'encode') return 1;
  return stage === 'denoise' ? 1 - step / steps : 0;
}

function moment(seconds: number | undefined): string | null {
  return seconds === undefined ? null : new Date(Date.now() + seconds * 1_000).toISOString();
}
