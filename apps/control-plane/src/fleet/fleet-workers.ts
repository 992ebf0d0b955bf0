import { DarkroomError, type WorkerReport } from '@darkroom/contracts';
import { noteDrain, readDrains, readModels, readWorkers, redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { GenerationQueues } from '../queue/generation-queues.js';

/** A worker as it reports, of which model it is, and whether it has been asked to drain. */
export interface FleetWorker {
  readonly model: string;
  readonly report: WorkerReport;
  readonly isToDrain: boolean;
}

/** Knows the workers of all models, and asks them to drain or to go on. */
@Injectable()
export class FleetWorkers {
  private readonly queues: GenerationQueues;

  constructor(queues: GenerationQueues) {
    this.queues = queues;
  }

  /**
   * Lists the workers that have reported within the last seconds.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away.
   */
  async list(): Promise<FleetWorker[]> {
    const { redis } = this.queues;
    try {
      const models = await readModels(redis);
      const fleets = await Promise.all(
        models.map(async (model) => {
          const [{ alive }, drains] = await Promise.all([readWorkers(redis, model), readDrains(redis, model)]);
          return alive.map((report) => ({ model, report, isToDrain: drains.has(report.workerId) }));
        }),
      );
      return fleets.flat();
    } catch (error) {
      throw redisUnavailable(error);
    }
  }

  /**
   * Leaves a note that a worker is to hand on what it has and take nothing, or takes that back; the worker reads it within a second or two.
   *
   * @throws {DarkroomError} Thrown with `not_found` when no worker of that id reports, with `unavailable` while Redis is away.
   */
  async drain(id: string, isToDrain: boolean): Promise<FleetWorker> {
    const worker = (await this.list()).find(({ report }) => report.workerId === id);
    if (worker === undefined) {
      const message = 'no worker of that id has reported within the last seconds';
      throw new DarkroomError({ code: 'not_found', message, param: 'id' });
    }
    try {
      await noteDrain(this.queues.redis, worker.model, id, isToDrain);
    } catch (error) {
      throw redisUnavailable(error);
    }
    return { ...worker, isToDrain };
  }
}
