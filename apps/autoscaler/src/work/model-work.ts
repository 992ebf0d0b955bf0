import { DarkroomError } from '@darkroom/contracts';
import { Forecast, type Work, workOf } from '@darkroom/queue-policy';
import { Lifecycle, Log, Readiness } from '@darkroom/service-kit';
import {
  connectRedis,
  type GenerationQueue,
  openGenerationQueue,
  readQueue,
  readWarm,
  redisMissing,
  redisUnavailable,
} from '@darkroom/service-kit/queue';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Config } from '../config.js';

/** Spans of arrivals to look back at: a quarter of an hour. */
const SPANS = 60;

/** Workers report once a second; asking more often tells nothing new. */
const FRESH_MS = 500;

/** What there is to do for a model, and how many replicas an operator wants to be ready for what comes. */
export interface WantedWork extends Work {
  /** 0 where nobody wants any. */
  readonly warmReplicas: number;
}

/** Knows what there is to do for each model, from its queue and its workers' reports. */
@Injectable()
export class ModelWork implements OnApplicationShutdown {
  private readonly redis: ReturnType<typeof connectRedis>;
  private readonly queues: ReadonlyMap<string, GenerationQueue>;
  private readonly known = new Map<string, { readonly work: Promise<WantedWork>; readonly atMs: number }>();

  constructor({ models, redisUrl }: Config, readiness: Readiness, lifecycle: Lifecycle, log: Log) {
    this.redis = connectRedis(redisUrl, log, lifecycle.overdue);
    readiness.require('redis', () => redisMissing(this.redis));
    this.queues = new Map(models.map((model) => [model, openGenerationQueue(model, this.redis, log)]));
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
  async of(model: string): Promise<WantedWork> {
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

  private async read(model: string, queue: GenerationQueue): Promise<WantedWork> {
    try {
      const [{ workers, workload, jobs }, warm] = await Promise.all([
        readQueue(this.redis, queue, model, SPANS),
        readWarm(this.redis, model),
      ]);
      return { ...workOf(workload, jobs, workers, new Forecast(workers)), warmReplicas: warm?.replicas ?? 0 };
    } catch (error) {
      throw redisUnavailable(error);
    }
  }
}
