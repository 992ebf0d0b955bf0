import { ErrorDetail } from '../generated/darkroom/errors/v1/error.js';
import { DarkroomError, isErrorCode } from './darkroom-error.js';

/** Turns an error into the message that carries it to another process; the cause stays behind. */
export function toErrorDetail(error: DarkroomError): ErrorDetail {
  return ErrorDetail.fromPartial({
    code: error.code,
    message: error.message,
    param: error.param ?? '',
    category: error.category ?? '',
    retryAfterS: error.retryAfterSeconds ?? 0,
    decisionId: error.decisionId ?? '',
  });
}

/** Turns a carried message back into an error; a code of a newer version becomes `internal`. */
export function fromErrorDetail(detail: ErrorDetail, cause?: unknown): DarkroomError {
  return new DarkroomError({
    code: isErrorCode(detail.code) ? detail.code : 'internal',
    message: detail.message,
    param: detail.param || undefined,
    category: detail.category || undefined,
    decisionId: detail.decisionId || undefined,
    retryAfterSeconds: detail.retryAfterS || undefined,
    cause,
  });
}
