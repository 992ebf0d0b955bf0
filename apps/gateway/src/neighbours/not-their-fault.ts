import { DarkroomError, type ErrorCode } from '@darkroom/contracts';

/**
 * Turns what a neighbour threw into what the client should hear.
 *
 * The codes listed say something about the request and pass; any other failure is the platform's own, so the client hears
 * `unavailable` with the given message and may try again.
 */
export function notTheirFault(thrown: unknown, passing: readonly ErrorCode[], message: string): DarkroomError {
  const error = DarkroomError.from(thrown);
  if (passing.includes(error.code)) return error;
  return new DarkroomError({ code: 'unavailable', message, retryAfterSeconds: error.retryAfterSeconds ?? 2, cause: error });
}
