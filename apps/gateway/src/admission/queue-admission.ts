import { DarkroomError, type GenerationJob } from '@darkroom/contracts';
import { redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';
import type { Forecast } from '../forecast/forecast.js';
import { Forecasts } from '../forecast/forecasts.js';
import type { AdmittedJob } from '../queue/generation-jobs.js';
import { ModelQueues } from '../queue/model-queues.js';
import { NOTHING_STARTED } from '../queue/redis.provider.js';

/** Who a generation is for, as far as its place in the queue goes. */
export interface PlaceOptions {
  /** The tenant's share beside others. */
  readonly weight: number;
  /** Whether the same generation may be submitted again. */
  readonly isRepeatable: boolean;
}

/** Lets a generation into the queue when it can be expected to be done in time, at its tenant's fair place. */
@Injectable()
export class QueueAdmission {
  private readonly config: Config;
  private readonly queues: ModelQueues;
  private readonly forecasts: Forecasts;

  constructor(config: Config, queues: ModelQueues, forecasts: Forecasts) {
    this.config = config;
    this.queues = queues;
    this.forecasts = forecasts;
  }

  /**
   * Gives a generation its place.
   *
   * @throws {DarkroomError} Thrown with `rate_limited` and the seconds after which the same request would be let in if nobody else came:
   *   it would miss its deadline, begin later than the platform lets anything wait, or find the queue full. Thrown with
   *   `invalid_argument` when no waiting could make it meet its deadline, and with `unavailable` while Redis is away.
   */
  async admit(job: GenerationJob, { weight, isRepeatable }: PlaceOptions): Promise<AdmittedJob> {
    try {
      const forecast = await this.forecasts.of(job.model);
      const seconds = forecast.deviceSeconds(job);
      const bound = this.config.queueLimitSeconds * Math.max(1, forecast.devices);
      const secondsLeft = this.secondsLeft(job, forecast);
      const inTime = secondsLeft === undefined ? bound : forecast.mostAhead(job, secondsLeft);
      const limits = { secondsAhead: Math.min(bound, inTime), jobs: this.config.queueLimitJobs };
      const candidate = { id: job.id, tenantId: job.tenantId, weight, seconds, urgency: job.priority, isRepeatable };
      const place = await this.queues.fair(job.model).admit(candidate, limits);
      if (place.verdict === 'admitted') return { job: { ...job, expectedSeconds: seconds }, priority: place.priority };
      if (place.verdict === 'full') throw this.isFull(place.secondsAhead, forecast);
      if (secondsLeft !== undefined && inTime < bound) throw wouldBeLate(job, secondsLeft, place.secondsAhead, forecast);
      throw this.isTooLong(place.secondsAhead, bound, forecast);
    } catch (error) {
      throw redisUnavailable(error, NOTHING_STARTED);
    }
  }

  /** Seconds until the deadline, if there is one. */
  private secondsLeft(job: GenerationJob, forecast: Forecast): number | undefined {
    if (job.deadlineAtMs === 0) return undefined;
    const seconds = (job.deadlineAtMs - Date.now()) / 1_000;
    const least = forecast.devices === 0 ? 0 : forecast.leastSeconds(job);
    if (seconds >= least) return seconds;
    throw new DarkroomError({
      code: 'invalid_argument',
      message: `\`deadline\` is ${seconds.toFixed(1)} seconds ahead, and these images take ${least.toFixed(1)} at least`,
      param: 'deadline',
    });
  }

  private isFull(secondsInAll: number, { devices }: Forecast): DarkroomError {
    const { queueLimitJobs } = this.config;
    return new DarkroomError({
      code: 'rate_limited',
      message: `${queueLimitJobs.toLocaleString('en')} generations wait already; nothing was started`,
      // By then one of them has left the queue.
      retryAfterSeconds: secondsInAll / Math.max(1, devices) / queueLimitJobs,
    });
  }

  private isTooLong(secondsAhead: number, bound: number, { devices }: Forecast): DarkroomError {
    const wait = secondsAhead / Math.max(1, devices);
    return new DarkroomError({
      code: 'rate_limited',
      message: `${wait.toFixed(0)} seconds of work come before these images, more than is let wait; nothing was started`,
      retryAfterSeconds: (secondsAhead - bound) / Math.max(1, devices),
    });
  }
}

function wouldBeLate(job: GenerationJob, secondsLeft: number, secondsAhead: number, forecast: Forecast): DarkroomError {
  const finish = forecast.finishSeconds(job, secondsAhead) ?? 0;
  return new DarkroomError({
    code: 'rate_limited',
    message: `these images are expected in ${finish.toFixed(1)} seconds, and \`deadline\` is ${secondsLeft.toFixed(1)} ahead; nothing was started`,
    param: 'deadline',
    // By then so much less is before them that a deadline as far ahead as this one was can be met.
    retryAfterSeconds: finish - secondsLeft,
  });
}
