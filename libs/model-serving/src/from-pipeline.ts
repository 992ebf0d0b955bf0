import { DarkroomError } from '@darkroom/contracts';
import { PipelineError } from '@darkroom/onnx-pipeline';

/** Turns what the engine threw into the error that crosses process borders; the engine itself knows of none. */
export function fromPipeline(thrown: unknown): DarkroomError {
  // An internal error's message may quote anything, so DarkroomError.from keeps it to the log.
  if (!(thrown instanceof PipelineError) || thrown.code === 'internal') {
    return DarkroomError.from(thrown);
  }
  // Another machine may have what this one lacks.
  const code = thrown.code === 'provider_unavailable' ? 'unavailable' : thrown.code;
  return new DarkroomError({ code, message: thrown.message, param: thrown.param, cause: thrown });
}

/**
 * Awaits work of the engine.
 *
 * @throws {DarkroomError} Thrown when the work throws anything.
 */
export async function translateErrors<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw fromPipeline(error);
  }
}
