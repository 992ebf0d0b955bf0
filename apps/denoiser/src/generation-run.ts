import type { GenerationJob, Stage } from '@darkroom/contracts';
import { DarkroomError, stepsMade } from '@darkroom/contracts';
import { type Attributes, inSpan, type Log, type Span } from '@darkroom/service-kit';
import type { CheckpointWriter } from './checkpoint-store.js';
import { patiently } from './patience.js';
import type { ProgressTracker } from './progress.js';
import { StageClock } from './stage-clock.js';
import type { UsageMeter } from './usage-meter.js';

/** How long a generation that has made its steps waits in place for a neighbour to come back, before it is put back. */
const patienceMs = 30_000;

/** What a run of a generation has around it. */
export interface Surroundings {
  readonly job: GenerationJob;
  /** Ends the run within one step: it is wanted no more, or no more this worker's. */
  readonly signal: AbortSignal;
  /** The service is about to stop or is drained: nothing new is begun, and what takes long is handed back. */
  readonly draining: AbortSignal;
  readonly progress: ProgressTracker;
  readonly usage: UsageMeter;
  /** What earlier workers have left, by image. */
  readonly checkpoints: ReadonlyMap<number, Uint8Array>;
  readonly checkpointWriter: CheckpointWriter;
  readonly log: Log;
  /** Hears of each attempt at a stage's work that its neighbour was away at. */
  onWait(stage: Stage): void;
}

/** One run of a generation, from the moment a worker has it until it is done or put back. */
export class GenerationRun {
  readonly clock = new StageClock();

  constructor(readonly surroundings: Surroundings) {}

  get job(): GenerationJob {
    return this.surroundings.job;
  }

  /** Steps that each of its images makes. */
  get steps(): number {
    return stepsMade(this.job);
  }

  get signal(): AbortSignal {
    return this.surroundings.signal;
  }

  /** Aborts when nothing new should be begun, besides when the run should end. */
  get stopping(): AbortSignal {
    return AbortSignal.any([this.signal, this.surroundings.draining]);
  }

  /**
   * Times a stage's work, in a span of the generation's trace.
   *
   * @param kernelMs tells of the result how much of the time was inside a model's kernels.
   */
  async timed<Result>(
    stage: Stage,
    work: (span: Span) => Promise<Result>,
    { kernelMs = () => 0, attributes = {} }: { kernelMs?: (result: Result) => number; attributes?: Attributes } = {},
  ): Promise<Result> {
    return await inSpan(stage, { attributes }, (span) =>
      this.clock.time(
        stage,
        () => work(span),
        (result) => {
          const ms = kernelMs(result);
          span.setAttribute('darkroom.kernel_ms', ms);
          return ms;
        },
      ),
    );
  }

  /**
   * Does a stage's work, waiting out short absences of the neighbour it needs.
   *
   * @param signal ends the waiting, besides the run's own.
   * @throws {DarkroomError} Thrown with the neighbour's own error when patience with it has ended, at once while draining.
   */
  async wait<Result>(stage: Stage, work: () => Promise<Result>, signal = this.signal): Promise<Result> {
    const onWait = ({ code, message }: DarkroomError) => {
      this.surroundings.onWait(stage);
      this.surroundings.log.warn('waiting for a stage', { generationId: this.job.id, stage, code, reason: message });
    };
    return await patiently(work, { signal: AbortSignal.any([signal, this.stopping]), patienceMs, onWait });
  }

  /**
   * Makes all images side by side, so that their steps share batches.
   *
   * @throws whatever the first image to fail failed of; the others are called off then, and have ended.
   */
  async allImages<Result>(make: (image: number, signal: AbortSignal) => Promise<Result>): Promise<Result[]> {
    const failed = new AbortController();
    const signal = AbortSignal.any([this.signal, failed.signal]);
    let failure: unknown;
    const all = Array.from({ length: this.job.imageCount }, async (_, image) => {
      try {
        return await make(image, signal);
      } catch (error) {
        if (!failed.signal.aborted) failure = error;
        failed.abort();
        throw error;
      }
    });
    const settled = await Promise.allSettled(all);
    if (failed.signal.aborted) throw failure;
    return settled.map((result) => (result as PromiseFulfilledResult<Result>).value);
  }
}
