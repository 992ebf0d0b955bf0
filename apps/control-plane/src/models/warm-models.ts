import { DarkroomError } from '@darkroom/contracts';
import type { ModelWarmthBody } from '@darkroom/contracts/admin';
import { endWarm, noteWarm, readWarm, redisUnavailable, type WarmNote } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import type { FleetWorker } from '../fleet/fleet-workers.js';
import { GenerationQueues } from '../queue/generation-queues.js';

/** Leaves notes that models are to have workers that are ready, ahead of their requests; autoscalers act on them. */
@Injectable()
export class WarmModels {
  constructor(private readonly queues: GenerationQueues) {}

  /**
   * Wants so many replicas of a model to be ready until a moment, in place of what was wanted before.
   *
   * @throws {DarkroomError} Thrown with `unavailable` while Redis is away.
   */
  async put(model: string, note: WarmNote): Promise<void> {
    try {
      await noteWarm(this.queues.redis, model, note);
    } catch (error) {
      throw redisUnavailable(error);
    }
  }

  /** Takes that back. @throws {DarkroomError} Thrown with `not_found` where nobody wants it, with `unavailable` while Redis is away. */
  async end(model: string): Promise<void> {
    const wasWarm = await endWarm(this.queues.redis, model).catch((error: unknown) => {
      throw redisUnavailable(error);
    });
    if (!wasWarm) throw new DarkroomError({ code: 'not_found', message: `nobody wants "${model}" to be warm`, param: 'model' });
  }

  /** Tells what is wanted of a model, and how many of its workers are ready; null where nothing is wanted, or Redis is away. */
  async of(model: string, own: readonly FleetWorker[]): Promise<ModelWarmthBody | null> {
    const note = await readWarm(this.queues.redis, model).catch(() => undefined);
    if (note === undefined) return null;
    const { replicas, untilMs, by } = note;
    // A worker reports once its model is loaded and has made passes of each batch size.
    const ready = own.filter(({ report, isToDrain }) => !isToDrain && !report.drained).length;
    return { replicas, ready, until: new Date(untilMs).toISOString(), by };
  }
}
