import { setTimeout as sleep } from 'node:timers/promises';
import { deviceSeconds, type GenerationJob, guidancePasses, passesPerImage, type StageTiming } from '@darkroom/contracts';
import { Lifecycle } from '@darkroom/service-kit';
import { publishWorkerReport, withdrawWorker } from '@darkroom/service-kit/queue';
import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { Config } from './config.js';
import { FileCheck } from './file-check.js';
import { foreseeSteps } from './foreseen-steps.js';
import { Intake } from './intake.js';
import { passTimesOf } from './pass-times.js';
import { RedisConnections } from './redis-connections.js';
import { type MeasuredSteps, StepPace } from './step-pace.js';
import { TransformerStage } from './transformer-stage.js';
import type { UsageMeter } from './usage-meter.js';
import { WorkerIdentity } from './worker-identity.js';

/** A worker counts as gone when it has said nothing for some of these. */
const intervalMs = 1_000;

/** What changes within this time is told together. */
const togetherMs = 50;

/** Weight of a new generation in the mean time of the stages beside denoising. */
const newestWeight = 1 / 8;

/**
 * Tells what this worker is at, when that changes and once a second, so that others can foresee when a generation will be done; and hears in
 * answer whether it is to drain, and whether it is to check its model's files.
 */
@Injectable()
export class WorkerReporter implements BeforeApplicationShutdown {
  private readonly running = new Map<GenerationJob, UsageMeter>();
  private readonly pace = new StepPace();
  private otherSeconds = 0;
  /** Aborts when there is something to tell. */
  private news = new AbortController();

  constructor(
    private readonly config: Config,
    private readonly connections: RedisConnections,
    private readonly transformer: TransformerStage,
    private readonly identity: WorkerIdentity,
    private readonly intake: Intake,
    private readonly fileCheck: FileCheck,
    lifecycle: Lifecycle,
  ) {
    void this.run(lifecycle.draining);
  }

  /** Enters a generation that this worker has taken; returns what leaves it again. */
  enter(job: GenerationJob, usage: UsageMeter): () => void {
    this.running.set(job, usage);
    this.news.abort();
    return () => {
      this.running.delete(job);
      this.news.abort();
    };
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
    await withdrawWorker(this.connections.commands, this.config.model, this.identity.id).catch(() => undefined);
  }

  private async run(draining: AbortSignal): Promise<void> {
    while (!draining.aborted) {
      this.news = new AbortController();
      // A report that can't be made or sent is left out: the next one says more. Until then it stays drained or not, as it was.
      await this.report().catch(() => undefined);
      const signal = AbortSignal.any([draining, this.news.signal]);
      await sleep(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
      await sleep(togetherMs, undefined, { signal: draining, ref: false }).catch(() => undefined);
    }
  }

  private async report(): Promise<void> {
    const passTimes = passTimesOf(await this.transformer.costs());
    const running = this.runningSteps();
    this.pace.observe(running, passTimes, performance.now());
    const finishMs = foreseeSteps(running, passTimes);
    const { id: workerId, host, startedAtMs } = this.identity;
    const { digest: modelDigest, provider, runtimeVersion } = await this.transformer.facts();
    const { isToDrain, fileCheck } = await publishWorkerReport(this.connections.commands, this.config.model, {
      workerId,
      concurrency: this.config.concurrency,
      running: this.running.size,
      loads: running.map(({ id, work, tenantId, left, steps }, i) => ({
        tenantId,
        remainingSeconds: (left / steps) * deviceSeconds(work, passTimes),
        generationId: id,
        finishSeconds: (this.pace.value * (finishMs[i] as number)) / 1_000,
        stepsMade: steps - left,
        steps,
      })),
      passTimes,
      otherSeconds: this.otherSeconds,
      pace: this.pace.value,
      identity: { host, startedAtMs, modelDigest, provider, runtimeVersion },
      drained: this.intake.isDrained,
      batchOccupancy: this.transformer.batchOccupancy(),
      fileCheck: this.fileCheck.report,
    });
    this.fileCheck.begin(fileCheck);
    // That it has changed is news itself.
    if (this.intake.set(isToDrain)) this.news.abort();
  }

  /** Returns what runs, in the order in which it came to the device. */
  private runningSteps(): MeasuredSteps[] {
    const inOrder = [...this.running].sort(([, a], [, b]) => (a.begunMs < b.begunMs ? -1 : Number(a.begunMs > b.begunMs)));
    return inOrder.map(([job, { passes }]) => {
      const steps = passesPerImage(job);
      const left = Math.max(0, steps - passes / job.imageCount);
      const rows = guidancePasses(job.guidanceScale) * job.imageCount;
      return { id: job.id, tenantId: job.tenantId, work: job, rows, steps, left };
    });
  }
}
