import { ErrorDetail } from '../generated/darkroom/errors/v1/error.js';
import { DarkroomError } from './darkroom-error.js';
import { fromErrorDetail, toErrorDetail } from './detail.js';

/** Turns an error into a job's failure reason: the JSON of its ErrorDetail. */
export function toQueue(error: DarkroomError): string {
  return JSON.stringify(toErrorDetail(error));
}

/** Turns a job's failure reason back into the error that the worker threw; any other reason is `internal`. */
export function fromQueue(failedReason: string | undefined): DarkroomError {
  try {
    const detail: unknown = JSON.parse(failedReason ?? '');
    if (isDetail(detail)) return fromErrorDetail(ErrorDetail.fromPartial(detail));
  } catch {
    // BullMQ's own reasons are plain text.
  }
  return new DarkroomError({ code: 'internal', message: 'an internal error occurred', cause: failedReason });
}

function isDetail(value: unknown): value is Pick<ErrorDetail, 'code' | 'message'> {
  if (typeof value !== 'object' || value === null) return false;
  const { code, message } = value as Record<string, unknown>;
  return typeof code === 'string' && typeof message === 'string';
}
