/** What went wrong, for whoever maps it to a reply. */
export type PipelineErrorCode =
  | 'invalid_argument'
  | 'model_damaged'
  | 'provider_unavailable'
  | 'cancelled'
  | 'deadline_exceeded'
  | 'unavailable'
  | 'internal';

/**
 * What a generation took of the device, whether or not it came to an end: what it can be charged for.
 *
 * One that goes on from a checkpoint goes on counting from there; work that was lost with a worker is nobody's.
 */
export interface Usage {
  /** Milliseconds inside the transformer's kernels: of each pass, the share of its rows. */
  readonly kernelMs: number;
  /** Passes of the transformer made. */
  readonly passes: number;
  /** Milliseconds between arrival and the first pass, on each worker that had it. */
  readonly queueMs: number;
}

/**
 * The one error the engine throws on purpose.
 *
 * - `invalid_argument`: the caller asked for something the model can't do; `param` names the parameter.
 * - `model_damaged`: a file of the model folder is missing, altered, or not what its format says.
 * - `provider_unavailable`: this machine can't run the execution provider or the device that was asked for.
 * - `cancelled`: the caller's AbortSignal fired.
 * - `deadline_exceeded`: the request's deadline passed before its work was done.
 * - `unavailable`: the worker thread has ended or hands its work back, so the work may succeed elsewhere.
 * - `internal`: ONNX Runtime refused, or something that should not happen did.
 */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
  readonly code: PipelineErrorCode;
  readonly param: string | undefined;
  /** What a generation had taken of the device when it ended so. */
  readonly usage: Usage | undefined;

  constructor(code: PipelineErrorCode, message: string, options: { param?: string; cause?: unknown; usage?: Usage } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.param = options.param;
    this.usage = options.usage;
  }

  /** Makes the error for a request that can't be met, naming the parameter. */
  static invalidArgument(param: string, message: string): PipelineError {
    return new PipelineError('invalid_argument', message, { param });
  }

  /** Makes the error for a model folder that can't be trusted or understood. */
  static modelDamaged(message: string, cause?: unknown): PipelineError {
    return new PipelineError('model_damaged', message, { cause });
  }

  /** Makes the error for work that was called off. */
  static cancelled(): PipelineError {
    return new PipelineError('cancelled', 'the work was cancelled');
  }

  /** Returns the same error, saying what had been used. */
  withUsage(usage: Usage): PipelineError {
    const { code, message, param, cause } = this;
    const error = new PipelineError(code, message, { ...(param !== undefined && { param }), cause, usage });
    if (this.stack !== undefined) error.stack = this.stack;
    return error;
  }

  /** Turns anything thrown into a PipelineError, keeping the original as its cause. */
  static from(thrown: unknown): PipelineError {
    if (thrown instanceof PipelineError) {
      return thrown;
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new PipelineError('internal', message, { cause: thrown });
  }
}
