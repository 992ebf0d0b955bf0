import { needsGuidance, type Solver } from '@darkroom/flow-matching';
import type { Tensor } from '@darkroom/tensor';
import { Trajectory, type TrajectorySnapshot } from '../denoising/trajectory.js';
import { PipelineError, type Usage } from '../pipeline-error.js';
import { type CheckpointRefusal, decodeCheckpoint, encodeCheckpoint, type RequestFacts, tensorsDigest } from './checkpoint.js';
import { shapesKey } from './conditioning.js';
import { countTokens, padConditioning, type TokenCount } from './conditioning-padding.js';
import { checkRequest, conditioningRows, type DenoiseRequest, solverOf } from './denoise-request.js';
import type { EngineModel } from './engine-model.js';
import type { GenerationEvent, HandedBack, PassShare } from './events.js';
import { initFacts } from './init-image.js';
import type { PlannedGeneration } from './policy.js';

/** Whoever asked for a generation. */
export interface Asker {
  /** Tells whether it is wanted no more; looked at before each pass. */
  isCancelled(): boolean;
  /** Hears what there is to tell; it may take the buffers to its own thread. */
  emit(event: GenerationEvent, transfer?: readonly ArrayBufferLike[]): void;
}

/** What was done after a pass besides going on, in milliseconds. */
export interface Extras {
  previewMs: number;
  checkpointMs: number;
}

/**
 * One generation in the engine: what was asked, how far it is, what it has used, and what its asker is told of it.
 *
 * Its trajectory, with noise and buffers, is made when its first pass comes, so that what waits takes little memory.
 */
export class Generation {
  /** What was asked, with its conditioning padded. */
  readonly request: DenoiseRequest;
  readonly asker: Asker;
  /** What the policy knows of it. Of one bucket are generations of equal latent and conditioning shapes, that all cache or none. */
  readonly plan: PlannedGeneration;
  /** Tokens of its rows: what a pass of it costs, roughly. */
  readonly tokens: TokenCount;
  readonly #model: EngineModel;
  readonly #solver: Solver;
  /** Where it goes on from, when it does not start anew. */
  #resumed: TrajectorySnapshot | undefined;
  #trajectory: Trajectory | undefined;
  #facts: RequestFacts | undefined;
  #usage: Usage = { kernelMs: 0, passes: 0, queueMs: 0 };
  /** Kernel time since the last step that was told. */
  #stepKernelMs = 0;
  #stepPaddingMs = 0;
  #toldStep = 0;

  /** @throws PipelineError `invalid_argument` naming what the model can't do, or "deadline" when it has passed. */
  constructor(asked: DenoiseRequest, asker: Asker, model: EngineModel, nowMs: number) {
    checkRequest(asked, model, nowMs);
    const request = padConditioning(asked, model.conditioningPadding);
    const {
      id = crypto.randomUUID(),
      tenant = '',
      priority = 0,
      deadlineMs,
      conditioning,
      guidanceScale,
      firstBlockCache,
    } = request;
    this.request = request;
    this.asker = asker;
    this.#model = model;
    this.#solver = solverOf(request, model);
    this.#resume();
    this.tokens = countTokens(conditioningRows(request), this.imageTokens, model.conditioningPadding);
    this.plan = {
      id,
      tenant,
      priority,
      arrivalMs: nowMs,
      deadlineMs,
      bucket: `${this.#latentShape.slice(1).join('x')}|${shapesKey(conditioning)}${firstBlockCache ? '|first-block-cache' : ''}`,
      rows: needsGuidance(guidanceScale) ? 2 : 1,
      passes: this.#solver.passes - this.#solver.pass,
    };
  }

  get hasStarted(): boolean {
    return this.#trajectory !== undefined;
  }

  get isDone(): boolean {
    return this.#solver.isDone;
  }

  /** What it has used so far, on this worker and on those it was resumed from. */
  get usage(): Usage {
    return this.#usage;
  }

  /** Tokens that the transformer makes of the image. */
  get imageTokens(): number {
    return this.#model.latentFormat.tokens(this.request.width, this.request.height);
  }

  /** Elements of one row's latents, and as many for each token of text as for one of the image where the text's length varies. */
  get elements(): number {
    const elements = this.#latentShape.reduce((product, length) => product * length);
    return (elements * this.tokens.all) / (this.plan.rows * this.imageTokens);
  }

  /** Its way from noise to latents, made before its first pass. */
  get trajectory(): Trajectory {
    if (this.#trajectory === undefined) {
      this.#trajectory = new Trajectory(this.#solver, this.#latentShape, this.request);
      if (this.#resumed) {
        this.#trajectory.restore(this.#resumed);
      }
      this.#usage = { ...this.#usage, queueMs: this.#usage.queueMs + Date.now() - this.plan.arrivalMs };
    }
    return this.#trajectory;
  }

  /** float32 [1, channels, height, width]. */
  get latents(): Tensor<'float32'> {
    return this.trajectory.latents;
  }

  /**
   * Books a pass that its trajectory has made, and tells what there is to tell of it.
   *
   * @throws PipelineError `internal` when the latents stopped being numbers.
   */
  afterPass({ kernelMs, paddingMs, rows }: PassShare): Extras {
    const { kernelMs: before, passes, queueMs } = this.#usage;
    this.#usage = { kernelMs: before + kernelMs, passes: passes + 1, queueMs };
    this.#stepKernelMs += kernelMs;
    this.#stepPaddingMs += paddingMs;
    const { trajectory } = this;
    const { step, steps, isDone } = trajectory;
    if (!trajectory.isFinite) {
      throw new PipelineError('internal', `the latents are not finite after ${step} of ${steps} steps`);
    }
    const extras: Extras = { previewMs: 0, checkpointMs: 0 };
    // Some solvers look twice before they step.
    if (step === this.#toldStep) return extras;
    this.#toldStep = step;

    const { previewEvery, checkpointEvery } = this.request;
    const startMs = performance.now();
    const denoised = isDue(step, previewEvery) ? trajectory.denoised() : undefined;
    const [stepKernelMs, stepPaddingMs] = [this.#stepKernelMs, this.#stepPaddingMs];
    this.asker.emit(
      { kind: 'step', step, steps, kernelMs: stepKernelMs, paddingMs: stepPaddingMs, rows, usage: this.#usage, denoised },
      denoised && [denoised.data.buffer],
    );
    extras.previewMs = denoised ? performance.now() - startMs : 0;
    this.#stepKernelMs = 0;
    this.#stepPaddingMs = 0;
    if (!isDone && isDue(step, checkpointEvery)) {
      extras.checkpointMs = this.#tellCheckpoint()?.encodeMs ?? 0;
    }
    return extras;
  }

  /** Tells its asker a last checkpoint, and returns all that another worker needs to go on. */
  handBack(): HandedBack {
    const { step } = this.#solver;
    return { id: this.plan.id, step, checkpoint: this.#tellCheckpoint()?.checkpoint, usage: this.#usage };
  }

  /** Tells where it is, unless it would have to start anew from there anyway. */
  #tellCheckpoint(): { readonly checkpoint: Uint8Array; readonly encodeMs: number } | undefined {
    const startMs = performance.now();
    const snapshot = this.#trajectory?.snapshot() ?? this.#resumed;
    if (snapshot === undefined) return undefined;
    const checkpoint = encodeCheckpoint({
      request: this.#requestFacts,
      model: this.#model.digest,
      usage: this.#usage,
      ...snapshot,
    });
    const encodeMs = performance.now() - startMs;
    this.asker.emit({ kind: 'checkpoint', step: this.#solver.step, checkpoint, encodeMs });
    return { checkpoint, encodeMs };
  }

  /** Takes up the checkpoint that was given, and tells whether it could be used. */
  #resume(): void {
    const { resume } = this.request;
    if (resume === undefined) return;
    const refusal = this.#tryResume(resume);
    this.#toldStep = this.#solver.step;
    this.asker.emit(
      refusal === undefined
        ? { kind: 'resume', resumed: true, step: this.#solver.step }
        : { kind: 'resume', resumed: false, refusal },
    );
  }

  #tryResume(bytes: Uint8Array): CheckpointRefusal | undefined {
    const checkpoint = decodeCheckpoint(bytes, { request: this.#requestFacts, model: this.#model.digest });
    if (typeof checkpoint === 'string') return checkpoint;
    try {
      this.#solver.restore(checkpoint.solver);
    } catch {
      // Whole, but not what this version's solver writes.
      return 'corrupted';
    }
    const { solver, latents, cached } = checkpoint;
    this.#resumed = { solver, latents, cached };
    this.#usage = checkpoint.usage;
    return undefined;
  }

  get #latentShape(): readonly number[] {
    return this.#model.latentFormat.shape(this.request.width, this.request.height);
  }

  get #requestFacts(): RequestFacts {
    if (this.#facts === undefined) {
      const { seed, width, height, steps, guidanceScale, solver = 'model', sigmas = 'model', firstBlockCache = 0 } = this.request;
      const conditioning = conditioningRows(this.request).map(tensorsDigest);
      this.#facts = {
        seed,
        width,
        height,
        steps,
        guidanceScale,
        solver,
        sigmas,
        firstBlockCache,
        conditioning,
        init: initFacts(this.request),
      };
    }
    return this.#facts;
  }
}

function isDue(step: number, every: number | undefined): boolean {
  return every !== undefined && step % every === 0;
}
