import { computeUnits, GenerationJob, passesPerImage, type UnfinishedGeneration } from '@darkroom/contracts';
import { Log, Metrics } from '@darkroom/service-kit';
import { requestCancellation } from '@darkroom/service-kit/queue';
import { Injectable } from '@nestjs/common';
import { QueueAdmission } from '../admission/queue-admission.js';
import type { MonthlyUsage } from '../auth/caller.js';
import { Limits } from '../limits/limits.js';
import { GenerationJobs } from '../queue/generation-jobs.js';
import { Idempotency } from '../queue/idempotency.js';
import { RedisCommands } from '../queue/redis.provider.js';

/** Puts generations back one after another. */
export interface Recovering {
  /**
   * Puts a generation back, with all that Redis had of it; doing it twice changes nothing.
   *
   * @throws {DarkroomError} Thrown with `unavailable` when Redis or the control plane is away; it is not back then.
   */
  putBack(generation: UnfinishedGeneration): Promise<void>;
}

/** Puts generations back into their queues that Redis has lost. */
@Injectable()
export class LostGenerations {
  private readonly commands: RedisCommands;
  private readonly idempotency: Idempotency;
  private readonly limits: Limits;
  private readonly admission: QueueAdmission;
  private readonly jobs: GenerationJobs;
  private readonly log: Log;
  private readonly recovered;

  constructor(
    commands: RedisCommands,
    idempotency: Idempotency,
    limits: Limits,
    admission: QueueAdmission,
    jobs: GenerationJobs,
    log: Log,
    metrics: Metrics,
  ) {
    this.commands = commands;
    this.idempotency = idempotency;
    this.limits = limits;
    this.admission = admission;
    this.jobs = jobs;
    this.log = log;
    this.recovered = metrics.counter({
      name: 'darkroom_generations_recovered_total',
      help: 'Generations that were accepted and in no queue, and were put back into theirs, by model.',
      labelNames: ['model'],
    });
  }

  /** Begins to put generations back; each tenant's ledger is asked once. */
  recovering(): Recovering {
    const usages = new Map<string, Promise<MonthlyUsage>>();
    const usageOf = (tenantId: string) => {
      const usage = usages.get(tenantId) ?? this.limits.monthlyUsage(tenantId);
      usages.set(tenantId, usage);
      return usage;
    };
    return { putBack: (generation) => this.putBack(generation, usageOf) };
  }

  private async putBack(
    { accepted, cancelRequested, weight }: UnfinishedGeneration,
    usageOf: (tenantId: string) => Promise<MonthlyUsage>,
  ): Promise<void> {
    if (accepted === undefined) return;
    const job = GenerationJob.decode(accepted.job);
    const { id, tenantId, model, deadlineAtMs } = job;
    // The note first: a worker that takes a job that is cancelled drops it.
    if (cancelRequested) await requestCancellation(this.commands.redis, id);
    const { idempotencyKey: key, requestDigest: request } = accepted;
    if (key !== '') await this.idempotency.restore(tenantId, { id, key, request });
    const units = computeUnits({ ...job, steps: passesPerImage(job) });
    await this.limits.restore(tenantId, { id, model, computeUnits: units, deadlineAtMs }, await usageOf(tenantId));
    await this.jobs.add(await this.admission.readmit(job, weight || 1));
    this.recovered.inc({ model });
    this.log.warn('a generation that its queue had lost was put back', { generationId: id, model, tenantId });
  }
}
