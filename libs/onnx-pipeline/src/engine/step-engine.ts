import type { Tensor } from '@darkroom/tensor';
import { cachingTransformer, type SplitTransformer } from '../denoising/caching-transformer.js';
import { StepBatch, type Transformer } from '../denoising/step-batch.js';
import { PipelineError, type Usage } from '../pipeline-error.js';
import type { TokenCount } from './conditioning-padding.js';
import type { CostModel } from './cost-model.js';
import type { DenoiseRequest } from './denoise-request.js';
import type { EngineModel } from './engine-model.js';
import type { BatchEvent, HandedBack, PassShare } from './events.js';
import { type Asker, type Extras, Generation } from './generation.js';
import { type PolicyOptions, StepPolicy } from './policy.js';

/** A denoised image. */
export interface DenoiseResult {
  /** float32 [1, channels, height, width], normalised. */
  readonly latents: Tensor<'float32'>;
  /** Milliseconds inside the transformer's kernels: of each pass, the share of this generation's rows. */
  readonly kernelMs: number;
  /** Milliseconds from asking for the image to having it, waiting included. */
  readonly totalMs: number;
  readonly usage: Usage;
  /** Tokens that the transformer makes of the image. */
  readonly imageTokens: number;
}

interface Active {
  readonly generation: Generation;
  readonly askedMs: number;
  readonly resolve: (result: DenoiseResult) => void;
  readonly reject: (error: PipelineError) => void;
}

/**
 * The one loop that makes all generations' passes: at each step boundary the policy chooses who makes the next pass together,
 * so generations join, pause and leave there.
 *
 * A generation's arithmetic knows nothing of its company, and the kernels' rows neither (see {@link warmUp}), so its bytes depend on
 * its request alone. What goes wrong with one ends that one: a pass that fails is made again, one generation at a time.
 */
export class StepEngine {
  readonly #model: EngineModel;
  readonly #costs: CostModel;
  readonly #policy: StepPolicy;
  readonly #active = new Map<string, Active>();
  readonly #listeners = new Set<(event: BatchEvent) => void>();
  /** The batch of the pass before, with its packed conditioning. */
  #batch: { readonly members: readonly Active[]; readonly batch: StepBatch } | undefined;
  #loop: Promise<void> | undefined;
  #draining = false;
  /** When the last pass ended; undefined when there was nothing to do meanwhile. */
  #passEndedMs: number | undefined;

  constructor(model: EngineModel, costs: CostModel, options: PolicyOptions = {}) {
    this.#model = model;
    this.#costs = costs;
    this.#policy = new StepPolicy(costs, options);
  }

  /** Hears of each pass. Returns what stops it. */
  onBatch(listener: (event: BatchEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Takes a generation in, and resolves when its last step is made.
   *
   * @throws PipelineError `invalid_argument` naming the parameter; and with what was used: `cancelled`; `deadline_exceeded`;
   *   `unavailable` when the engine hands its work back; `internal` when the latents stopped being numbers or the kernels failed.
   */
  async denoise(request: DenoiseRequest, asker: Asker): Promise<DenoiseResult> {
    if (this.#draining) throw handedBack();
    const generation = new Generation(request, asker, this.#model, Date.now());
    const { id, bucket } = generation.plan;
    if (this.#active.has(id)) {
      throw PipelineError.invalidArgument('id', 'a generation of that id is running already');
    }
    this.#costs.open(bucket, generation.elements, request.width * request.height);
    return await new Promise((resolve, reject) => {
      const active = { generation, askedMs: performance.now(), resolve, reject };
      this.#active.set(id, active);
      this.#policy.join(generation.plan);
      this.#finishIfDone(active);
      this.#loop ??= this.#run();
    });
  }

  /**
   * Stops at the next step boundary and hands back all that is unfinished; what is asked for afterwards is `unavailable`, until {@link resume}.
   *
   * Each generation's last checkpoint is told to its asker like any other, and then its promise rejects with `unavailable`.
   */
  async drain(): Promise<HandedBack[]> {
    this.#draining = true;
    await this.#loop;
    return [...this.#active.values()].map((active) => {
      const back = active.generation.handBack();
      this.#end(active, handedBack());
      return back;
    });
  }

  /** Takes generations again after {@link drain} has ended. */
  resume(): void {
    this.#draining = false;
  }

  async #run(): Promise<void> {
    // What is asked for in one go starts together.
    await new Promise(setImmediate);
    while (!this.#draining) {
      this.#endGivenUp();
      const ids = this.#policy.next(Date.now());
      if (ids.length === 0) break;
      await this.#pass(ids.map((id) => this.#active.get(id) as Active));
    }
    this.#loop = undefined;
    this.#passEndedMs = undefined;
    this.#batch = undefined;
  }

  /** Ends what was cancelled and what is too late, whether or not it was about to make a step. */
  #endGivenUp(): void {
    const nowMs = Date.now();
    for (const active of this.#active.values()) {
      const { asker, request } = active.generation;
      if (asker.isCancelled()) {
        this.#end(active, PipelineError.cancelled());
      } else if (request.deadlineMs !== undefined && request.deadlineMs <= nowMs) {
        this.#end(active, new PipelineError('deadline_exceeded', 'the deadline passed before the image was done'));
      }
    }
  }

  /** Makes one pass of generations of one bucket; where it fails, each makes it alone. */
  async #pass(members: readonly Active[]): Promise<void> {
    const startMs = this.#passEndedMs ?? performance.now();
    const waited = members.filter(({ generation }) => !generation.hasStarted);
    const waiting = this.#policy.size - members.length;
    const { bucket } = (members[0] as Active).generation.plan;
    const bestRows = this.#costs.bestRows(bucket);
    let kernelMs: number;
    let rows: number;
    try {
      const batch = this.#batchOf(members);
      rows = batch.rows;
      kernelMs = await this.#measure(bucket, rows, () => batch.advance(this.#transformerOf(members)));
    } catch (error) {
      await this.#afterFailure(members, error);
      return;
    }
    const endedMs = performance.now();
    this.#passEndedMs = endedMs;
    const ids = members.map(({ generation }) => generation.plan.id);
    const shares = this.#policy.charge(ids, kernelMs);
    const reusedRows = sum(members.map(({ generation }) => (generation.trajectory.cache?.reused ? generation.plan.rows : 0)));
    const extras = members.map((member, i) => {
      const share = shares[i] as number;
      return this.#afterPass(member, { kernelMs: share, paddingMs: share * paddedShare([member.generation.tokens]), rows });
    });
    if (this.#listeners.size > 0) {
      this.#tellBatch({
        bucket,
        generations: members.length,
        rows,
        reusedRows,
        bestRows,
        kernelMs,
        overheadMs: endedMs - startMs - kernelMs,
        paddingMs: kernelMs * paddedShare(members.map(({ generation }) => generation.tokens)),
        previewMs: sum(extras.map(({ previewMs }) => previewMs)),
        checkpointMs: sum(extras.map(({ checkpointMs }) => checkpointMs)),
        queueMs: waited.map(({ generation }) => generation.usage.queueMs),
        waiting,
      });
    }
  }

  /** Packs a batch, or returns that of the pass before when it has the same members. */
  #batchOf(members: readonly Active[]): StepBatch {
    const before = this.#batch?.members;
    if (this.#batch === undefined || before?.length !== members.length || !members.every((member, i) => member === before[i])) {
      this.#batch = { members, batch: new StepBatch(members.map(({ generation }) => generation.trajectory)) };
    }
    return this.#batch.batch;
  }

  /** The whole transformer, or where these generations cache, the split one; a bucket holds generations of one kind. */
  #transformerOf(members: readonly Active[]): Transformer {
    const trajectories = members.map(({ generation }) => generation.trajectory);
    return trajectories[0]?.cache === undefined
      ? this.#model.transformer
      : cachingTransformer(this.#model.splitTransformer as SplitTransformer, trajectories);
  }

  /** Makes a pass and tells the cost model what it took. */
  async #measure(bucket: string, rows: number, pass: () => Promise<number>): Promise<number> {
    if (this.#costs.isMeasured(bucket, rows)) {
      const kernelMs = await pass();
      this.#costs.record(bucket, rows, kernelMs);
      return kernelMs;
    }
    const residentBytes = process.memoryUsage.rss();
    const kernelMs = await pass();
    this.#costs.record(bucket, rows, kernelMs, process.memoryUsage.rss() - residentBytes);
    return kernelMs;
  }

  #afterPass(active: Active, share: PassShare): Extras {
    try {
      const extras = active.generation.afterPass(share);
      this.#finishIfDone(active);
      return extras;
    } catch (error) {
      this.#end(active, PipelineError.from(error));
      return { previewMs: 0, checkpointMs: 0 };
    }
  }

  async #afterFailure(members: readonly Active[], error: unknown): Promise<void> {
    this.#batch = undefined;
    if (members.length === 1) {
      this.#end(members[0] as Active, PipelineError.from(error));
      return;
    }
    for (const member of members) {
      await this.#pass([member]);
    }
  }

  #finishIfDone(active: Active): void {
    const { generation, askedMs, resolve } = active;
    if (!generation.isDone) return;
    this.#leave(generation.plan.id);
    const { latents, usage, imageTokens } = generation;
    resolve({ latents, kernelMs: usage.kernelMs, totalMs: performance.now() - askedMs, usage, imageTokens });
  }

  #end({ generation, reject }: Active, error: PipelineError): void {
    this.#leave(generation.plan.id);
    reject(error.withUsage(generation.usage));
  }

  #leave(id: string): void {
    this.#active.delete(id);
    this.#policy.leave(id);
  }

  #tellBatch(event: BatchEvent): void {
    for (const listener of this.#listeners) {
      listener(event);
    }
  }
}

function paddedShare(tokens: readonly TokenCount[]): number {
  return sum(tokens.map(({ padding }) => padding)) / sum(tokens.map(({ all }) => all));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function handedBack(): PipelineError {
  return new PipelineError('unavailable', 'the engine takes no more steps: it hands its work back');
}
