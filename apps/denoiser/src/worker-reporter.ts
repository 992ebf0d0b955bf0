import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  deviceSeconds,
  type GenerationJob,
  type PassTime,
  passesPerImage,
  type StageTiming,
  type TenantLoad,
} from '@darkroom/contracts';
import { Lifecycle } from '@darkroom/service-kit';
import { publishWorkerReport, withdrawWorker } from '@darkroom/service-kit/queue';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Config } from './config.js';
import { passTimesOf } from './pass-times.js';
import { RedisConnections } from './redis-connections.js';
import { TransformerStage } from './transformer-stage.js';
import type { UsageMeter } from './usage-meter.js';

/** A worker counts as gone when it has said nothing for some of these. */
const intervalMs = 1_000;

/** Weight of a new generation in the mean time of the stages beside denoising. */
const newestWeight = 1 / 8;

/** Tells once a second what this worker is at, so that others can foresee when a generation will be done. */
@Injectable()
export class WorkerReporter implements BeforeApplicationShutdown {
  private readonly workerId = randomUUID();
  private readonly running = new Map<GenerationJob, UsageMeter>();
  private otherSeconds = 0;

  constructor(
    private readonly config: Config,
    private readonly connections: RedisConnections,
    private readonly transformer: TransformerStage,
    lifecycle: Lifecycle,
  ) {
    void this.run(lifecycle.draining);
  }

  /** Enters a generation that this worker has taken; returns what leaves it again. */
  enter(job: GenerationJob, usage: UsageMeter): () => void {
    this.running.set(job, usage);
    return () => this.running.delete(job);
  }

  /** Takes in how long the stages of a generation that has succeeded were. */
  observe(timings: readonly StageTiming[]): void {
    const others = timings.filter(({ stage }) => stage !== 'queue' && stage !== 'denoise');
    const seconds = others.reduce((sum, { totalMs }) => sum + totalMs, 0) / 1_000;
    const weight = this.otherSeconds === 0 ? 1 : newestWeight;
    this.otherSeconds += weight * (seconds - this.otherSeconds);
  }

  async beforeApplicationShutdown(): Promise<void> {
    // While Redis is away it is taken for gone soon enough.
    await withdrawWorker(this.connections.commands, this.config.model, this.workerId).catch(() => undefined);
  }

  private async run(draining: AbortSignal): Promise<void> {
    while (!draining.aborted) {
      // A report that can't be made or sent is left out: the next one says more.
      await this.report().catch(() => undefined);
      await sleep(intervalMs, undefined, { signal: draining, ref: false }).catch(() => undefined);
    }
  }

  private async report(): Promise<void> {
    const passTimes = passTimesOf(await this.transformer.costs());
    await publishWorkerReport(this.connections.commands, this.config.model, {
      workerId: this.workerId,
      concurrency: this.config.concurrency,
      running: this.running.size,
      loads: this.loads(passTimes),
      passTimes,
      otherSeconds: this.otherSeconds,
    });
  }

  private loads(passTimes: readonly PassTime[]): TenantLoad[] {
    const loads = new Map<string, number>();
    for (const [job, { passes }] of this.running) {
      const left = Math.max(0, 1 - passes / (passesPerImage(job) * job.imageCount));
      loads.set(job.tenantId, (loads.get(job.tenantId) ?? 0) + left * deviceSeconds(job, passTimes));
    }
    return [...loads].map(([tenantId, remainingSeconds]) => ({ tenantId, remainingSeconds }));
  }
}
