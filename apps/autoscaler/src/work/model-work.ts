import { DarkroomError, decodeGenerationJob, type GenerationJob } from '@darkroom/contracts';
import { Forecast } from '@darkroom/queue-policy';
import { Log, Readiness } from '@darkroom/service-kit';
import {
  connectRedis,
  FairQueue,
  type GenerationQueue,
  openGenerationQueue,
  readWorkers,
  redisMissing,
  redisUnavailable,
} from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';
import { type Work, workOf } from './queue-work.js';

/** Spans of arrivals to look back at: a quarter of an hour. */
const SPANS = 60;

/** Jobs of each kind that are read, to stand for the others. */
const SAMPLE = 20;

/** Workers report once a second; asking more often tells nothing new. */
const FRESH_MS = 500;

/** Knows what there is to do for each model, from its queue and its workers' reports. */
@Injectable()
export class ModelWork implements OnApplicationShutdown {
  private readonly redis: ReturnType<typeof connectRedis>;
  private readonly queues: ReadonlyMap<string, GenerationQueue>;
  private readonly known = new Map<string, { readonly work: Promise<Work>; readonly atMs: number }>();

  constructor({ models, redisUrl }: Config, readiness: Readiness, log: Log) {
    this.redis = connectRedis(redisUrl, log);
    readiness.require('redis', () => redisMissing(this.redis));
    this.queues = new Map(models.map((model) => [model, openGenerationQueue(model, redisUrl, log)]));
  }

  /** Passes for a model that is among the configured ones. @throws {DarkroomError} Thrown with `not_found` for any other. */
  assertKnown(model: string): void {
    if (this.queues.has(model)) return;
    throw new DarkroomError({
      code: 'not_found',
      message: `there is no model "${model}"; MODELS of the autoscaler names ${[...this.queues.keys()].join(', ')}`,
      param: 'model',
    });
  }

  /**
   * Tells what there is to do for a known model, as it was half a second ago at most.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away: that nothing is known of work does not mean that there is none.
   */
  async of(model: string): Promise<Work> {
    const known = this.known.get(model);
    if (known !== undefined && performance.now() - known.atMs < FRESH_MS) return await known.work;
    const work = this.read(model, this.queues.get(model) as GenerationQueue);
    this.known.set(model, { work, atMs: performance.now() });
    work.catch(() => this.known.delete(model));
    return await work;
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    this.redis.disconnect();
  }

  private async read(model: string, queue: GenerationQueue): Promise<Work> {
    try {
      const [workers, workload, counts, returned, active, next] = await Promise.all([
        readWorkers(this.redis, model),
        new FairQueue(this.redis, queue).workload(SPANS),
        queue.getJobCounts('wait', 'delayed', 'active'),
        sample(queue, ['wait', 'delayed']),
        sample(queue, ['active']),
        sample(queue, ['prioritized']),
      ]);
      const { wait = 0, delayed = 0, active: activeCount = 0 } = counts;
      const jobs = { returned, returnedCount: wait + delayed, active, activeCount, next };
      return workOf(workload, jobs, workers, new Forecast(workers));
    } catch (error) {
      throw redisUnavailable(error);
    }
  }
}

async function sample(queue: GenerationQueue, states: Parameters<GenerationQueue['getJobs']>[0]): Promise<GenerationJob[]> {
  const jobs = await queue.getJobs(states, 0, SAMPLE - 1, true);
  // One that went meanwhile is told as nothing.
  return jobs.flatMap((job) => (job?.data === undefined ? [] : [decodeGenerationJob(job.data)]));
}
