/** What went wrong, for whoever maps it to a reply. */
export type PipelineErrorCode = 'invalid_argument' | 'model_damaged' | 'cancelled' | 'unavailable' | 'internal';

/**
 * The one error the engine throws on purpose.
 *
 * - `invalid_argument`: the caller asked for something the model can't do; `param` names the parameter.
 * - `model_damaged`: a file of the model folder is missing, altered, or not what its format says.
 * - `cancelled`: the caller's AbortSignal fired.
 * - `unavailable`: the worker thread has ended, so the work may succeed elsewhere.
 * - `internal`: ONNX Runtime refused, or something that should not happen did.
 */
export class PipelineError extends Error {
  override readonly name = 'PipelineError';
  readonly code: PipelineErrorCode;
  readonly param: string | undefined;

  constructor(code: PipelineErrorCode, message: string, options: { param?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.param = options.param;
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

  /** Turns anything thrown into a PipelineError, keeping the original as its cause. */
  static from(thrown: unknown): PipelineError {
    if (thrown instanceof PipelineError) {
      return thrown;
    }
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new PipelineError('internal', message, { cause: thrown });
  }
}
