import type { Tensor } from '@darkroom/tensor';
import type { Usage } from '../pipeline-error.js';
import type { CheckpointRefusal } from './checkpoint.js';

/** A generation's part in one pass of the transformer. */
export interface PassShare {
  /** Milliseconds inside the kernels: the share of its rows. */
  readonly kernelMs: number;
  /** Of those, what went into padding of its own. */
  readonly paddingMs: number;
  /** Rows that made the pass together, its own among them. */
  readonly rows: number;
}

/** Told after each step of a generation. */
export interface StepEvent {
  /** Steps made so far, from 1 to steps. */
  readonly step: number;
  readonly steps: number;
  /** Milliseconds of kernel time this step took: of each pass, the share of this generation's rows. */
  readonly kernelMs: number;
  /** Of those, what went into padding. */
  readonly paddingMs: number;
  /** Rows that made its last pass together, its own among them. */
  readonly rows: number;
  /** What the generation has used so far. */
  readonly usage: Usage;
  /** float32 [1, channels, height, width], normalised: the estimated clean latents, the receiver's own; present at the steps asked for. */
  readonly denoised: Tensor<'float32'> | undefined;
}

/** A generation as it was after a step, ready to be stored. */
export interface CheckpointEvent {
  readonly step: number;
  /** What `resume` takes. */
  readonly checkpoint: Uint8Array;
  /** Milliseconds it took to make. */
  readonly encodeMs: number;
}

/** Told before the first step of a generation that was to go on from a checkpoint. */
export type ResumeEvent =
  | { readonly resumed: true /** Steps that need not be made again. */; readonly step: number }
  | { readonly resumed: false /** Why it starts anew. */; readonly refusal: CheckpointRefusal };

/** Everything a generation tells while it is in the engine. */
export type GenerationEvent =
  | ({ readonly kind: 'step' } & StepEvent)
  | ({ readonly kind: 'checkpoint' } & CheckpointEvent)
  | ({ readonly kind: 'resume' } & ResumeEvent);

/** What one pass of the transformer was like, for metrics. */
export interface BatchEvent {
  /** Latent and conditioning shapes of the rows, and whether their first block is cached. */
  readonly bucket: string;
  readonly generations: number;
  readonly rows: number;
  /** Rows for which the first block was computed alone. */
  readonly reusedRows: number;
  /** Rows that the cost model would have put together, had there been as many. */
  readonly bestRows: number;
  /** Milliseconds inside the kernels. */
  readonly kernelMs: number;
  /** Milliseconds since the kernels of the pass before, when the engine had work then already; else since this pass was chosen. */
  readonly overheadMs: number;
  /** Of {@link kernelMs}, what went into padding: the share of masked ones among the tokens of image and text, as if all cost the same. */
  readonly paddingMs: number;
  /** Of the overhead that follows, what estimates for previews, and checkpoints, of this pass's generations took. */
  readonly previewMs: number;
  readonly checkpointMs: number;
  /** For each generation whose first pass this was, how long it had waited. */
  readonly queueMs: readonly number[];
  /** Generations that did not take part: waiting, or paused. */
  readonly waiting: number;
}

/** An unfinished generation that the engine gives back. */
export interface HandedBack {
  readonly id: string;
  /** Steps it had made. */
  readonly step: number;
  /** What `resume` takes; undefined when it had not started. */
  readonly checkpoint: Uint8Array | undefined;
  readonly usage: Usage;
}
