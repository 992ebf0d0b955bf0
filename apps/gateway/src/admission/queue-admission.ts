import { DarkroomError, type GenerationJob } from '@darkroom/contracts';
import { type AdmissionLimits, admissionLimits, type Forecast } from '@darkroom/queue-policy';
import { redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { Config } from '../config.js';
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

  /** Has ready what {@link admit} will ask for, if that comes soon; nobody waits for it. */
  prepare(model: string): void {
    // Whoever admits asks again, and hears what is wrong.
    void this.forecasts.of(model).catch(() => undefined);
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
      const secondsLeft = job.deadlineAtMs === 0 ? undefined : (job.deadlineAtMs - Date.now()) / 1_000;
      const limits = admissionLimits(job, secondsLeft, forecast, { limitSeconds: this.config.queueLimitSeconds });
      if (limits.isImpossible) throw cannotBeMet(secondsLeft as number, limits);
      const { seconds, bound, secondsAhead, isByDeadline } = limits;
      const candidate = { id: job.id, tenantId: job.tenantId, weight, seconds, urgency: job.priority, isRepeatable };
      const place = await this.queues.fair(job.model).admit(candidate, { secondsAhead, jobs: this.config.queueLimitJobs });
      if (place.verdict === 'admitted') return { job: { ...job, expectedSeconds: seconds }, priority: place.priority };
      if (place.verdict === 'full') throw this.isFull(place.secondsAhead, forecast);
      if (isByDeadline) throw wouldBeLate(job, secondsLeft as number, place.secondsAhead, forecast);
      throw this.isTooLong(place.secondsAhead, bound, forecast);
    } catch (error) {
      throw redisUnavailable(error, NOTHING_STARTED);
    }
  }

  /**
   * Gives a generation that was admitted before a place again, since the queue has lost it: behind what its tenant has there, and
   * whatever else waits.
   */
  async readmit(job: GenerationJob, weight: number): Promise<AdmittedJob> {
    const candidate = { id: job.id, tenantId: job.tenantId, weight, seconds: job.expectedSeconds, urgency: job.priority };
    const everything = { secondsAhead: Number.POSITIVE_INFINITY, jobs: Number.MAX_SAFE_INTEGER };
    const place = await this.queues.fair(job.model).admit({ ...candidate, isRepeatable: true }, everything);
    if (place.verdict !== 'admitted') throw new DarkroomError({ code: 'internal', message: 'a queue without limits was full' });
    return { job, priority: place.priority };
  }

  private isFull(secondsInAll: number, forecast: Forecast): DarkroomError {
    const { queueLimitJobs } = this.config;
    return new DarkroomError({
      code: 'rate_limited',
      message: `${queueLimitJobs.toLocaleString('en')} generations wait already; nothing was started`,
      // By then one of them has left the queue.
      retryAfterSeconds: forecast.realSeconds(secondsInAll) / queueLimitJobs,
    });
  }

  private isTooLong(secondsAhead: number, bound: number, forecast: Forecast): DarkroomError {
    const wait = secondsAhead / Math.max(1, forecast.devices);
    return new DarkroomError({
      code: 'rate_limited',
      message: `${wait.toFixed(0)} seconds of work come before these images, more than is let wait; nothing was started`,
      retryAfterSeconds: forecast.realSeconds(secondsAhead - bound),
    });
  }
}

function cannotBeMet(secondsLeft: number, { leastSeconds }: AdmissionLimits): DarkroomError {
  const [ahead, least] = [secondsLeft.toFixed(1), leastSeconds.toFixed(1)];
  return new DarkroomError({
    code: 'invalid_argument',
    message: `\`deadline\` is ${ahead} seconds ahead, and these images take ${least} at least`,
    param: 'deadline',
  });
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
