import type { ModelActivityBody } from '@darkroom/contracts/admin';
import { Forecast, workOf } from '@darkroom/queue-policy';
import { readFinished, readModels, readQueue, redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { GenerationQueues } from '../queue/generation-queues.js';
import { RecentEnds } from './recent-ends.js';

/** How far counts and rates look back. */
export const WINDOW_MS = 5 * 60_000;

/** Ends are kept for so long. */
const KEPT_MS = 30 * 60_000;

/** Ends of one kind that are read at a time, the latest. */
const MOST_ENDS = 2_000;

/** Jobs are entered a moment after they ended; a look goes a little further back than the last one. */
const OVERLAP_MS = 2_000;

/** Knows what the models' queues and workers do, from Redis. */
@Injectable()
export class ModelActivities {
  private readonly queues: GenerationQueues;
  private readonly ends = new Map<string, RecentEnds>();

  constructor(queues: GenerationQueues) {
    this.queues = queues;
  }

  /**
   * Looks at every model's queue.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away: nothing that is not known is told as nothing.
   */
  async look(): Promise<ModelActivityBody[]> {
    const { redis } = this.queues;
    try {
      const models = await readModels(redis);
      return await Promise.all(models.map((model) => this.of(model)));
    } catch (error) {
      throw redisUnavailable(error);
    }
  }

  private async of(model: string): Promise<ModelActivityBody> {
    const queue = this.queues.of(model);
    const ends = this.endsOf(model);
    const nowMs = Date.now();
    const sinceMs = Math.max(nowMs - KEPT_MS, ends.knownUntilMs - OVERLAP_MS);
    const [{ workers, workload, jobs }, finished] = await Promise.all([
      readQueue(this.queues.redis, queue, model, 1),
      readFinished(this.queues.redis, queue, sinceMs, MOST_ENDS),
    ]);
    ends.enter(finished, nowMs - KEPT_MS);
    const forecast = new Forecast(workers);
    const work = workOf(workload, jobs, workers, forecast);
    const running = workers.alive.reduce((sum, worker) => sum + worker.running, 0);
    const hasRoom = workers.alive.some((worker) => !worker.drained && worker.running < worker.concurrency);
    const queued = workload.waitingJobs + jobs.returnedCount;
    const occupancies = workers.alive.flatMap(({ batchOccupancy }) => batchOccupancy ?? []);
    const { imagesPerMinute, succeeded, errors, stages } = ends.summary(nowMs, WINDOW_MS);
    return {
      model,
      workers: workers.alive.length,
      queued,
      running,
      queue_seconds: work.queuedSeconds,
      running_seconds: work.runningSeconds,
      wait_seconds: waitSeconds(forecast.devices, queued === 0 && hasRoom, work.queuedSeconds + work.runningSeconds),
      batch_occupancy: occupancies.length === 0 ? null : occupancies.reduce((sum, one) => sum + one, 0) / occupancies.length,
      images_per_minute: imagesPerMinute,
      succeeded,
      errors,
      stages,
    };
  }

  private endsOf(model: string): RecentEnds {
    const known = this.ends.get(model);
    if (known !== undefined) return known;
    const ends = new RecentEnds();
    this.ends.set(model, ends);
    return ends;
  }
}

function waitSeconds(devices: number, isTakenAtOnce: boolean, deviceSeconds: number): number | null {
  if (devices === 0) return null;
  return isTakenAtOnce ? 0 : deviceSeconds / devices;
}
