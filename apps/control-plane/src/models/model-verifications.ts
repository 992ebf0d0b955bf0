import { randomUUID } from 'node:crypto';
import { DarkroomError } from '@darkroom/contracts';
import type { ModelVerificationBody } from '@darkroom/contracts/admin';
import { noteFileCheck, readFileCheck, redisUnavailable } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { type FleetWorker, FleetWorkers } from '../fleet/fleet-workers.js';
import { GenerationQueues } from '../queue/generation-queues.js';
import { viewVerification } from './verification.views.js';

/** Asks workers to read their models' files again, and puts together what they answer in their reports. */
@Injectable()
export class ModelVerifications {
  constructor(
    private readonly queues: GenerationQueues,
    private readonly workers: FleetWorkers,
  ) {}

  /**
   * Asks all workers of a model, in place of what was asked before.
   *
   * @param digest that gateways have of it.
   * @throws {DarkroomError} Thrown with `conflict` when it has no workers, with `unavailable` while Redis is away.
   */
  async begin(model: string, digest: string, by: string): Promise<ModelVerificationBody> {
    const own = (await this.workers.list()).filter((worker) => worker.model === model);
    if (own.length === 0) {
      const message = `no worker of "${model}" reports, so there is none whose files could be read; start or warm one first`;
      throw new DarkroomError({ code: 'conflict', message, param: 'model' });
    }
    const order = { id: randomUUID(), by, atMs: Date.now(), workerIds: own.map(({ report }) => report.workerId) };
    try {
      await noteFileCheck(this.queues.redis, model, order);
    } catch (error) {
      throw redisUnavailable(error);
    }
    return viewVerification(model, digest, order, own, Date.now());
  }

  /** Tells how the last one of a model stands; null when there was none within a day, or Redis is away. */
  async of(model: string, digest: string, own: readonly FleetWorker[]): Promise<ModelVerificationBody | null> {
    const order = await readFileCheck(this.queues.redis, model).catch(() => undefined);
    return order === undefined ? null : viewVerification(model, digest, order, own, Date.now());
  }
}
