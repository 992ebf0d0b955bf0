import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { ErrorDetail } from '../generated/darkroom/errors/v1/error.js';
import { DarkroomError, type ErrorCode } from './darkroom-error.js';
import { fromErrorDetail, toErrorDetail } from './detail.js';

/** Trailing metadata under which a call's ErrorDetail travels. */
export const errorMetadataKey = 'darkroom-error-bin';

/** Turns an error into the status a gRPC handler answers with. */
export function toGrpc(error: DarkroomError): StatusObject {
  const metadata = new Metadata();
  metadata.set(errorMetadataKey, Buffer.from(ErrorDetail.encode(toErrorDetail(error)).finish()));
  return { code: statuses[error.code], details: error.message, metadata };
}

/** What a failed call gives its caller; grpc-js' ServiceError has this shape. */
export interface GrpcFailure {
  readonly code: number;
  readonly details: string;
  readonly metadata?: Metadata | undefined;
}

/** Turns a failed call back into the error that the other side threw, or into what gRPC itself had to say. */
export function fromGrpc(failure: GrpcFailure): DarkroomError {
  const [carried] = failure.metadata?.get(errorMetadataKey) ?? [];
  if (Buffer.isBuffer(carried)) {
    try {
      return fromErrorDetail(ErrorDetail.decode(carried), failure);
    } catch {
      // Not ours, or damaged: the status still tells something.
    }
  }
  const code = codes.get(failure.code) ?? 'internal';
  const message = code === 'internal' ? 'an internal error occurred' : failure.details;
  return new DarkroomError({ code, message, cause: failure });
}

const statuses: Record<ErrorCode, status> = {
  invalid_argument: status.INVALID_ARGUMENT,
  unauthenticated: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  conflict: status.ALREADY_EXISTS,
  payload_too_large: status.RESOURCE_EXHAUSTED,
  content_policy_violation: status.INVALID_ARGUMENT,
  rate_limited: status.RESOURCE_EXHAUSTED,
  cancelled: status.CANCELLED,
  deadline_exceeded: status.DEADLINE_EXCEEDED,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
  model_damaged: status.FAILED_PRECONDITION,
  worker_lost: status.ABORTED,
};

/** For statuses that come without our detail: only gRPC itself sends those. */
const codes = new Map<number, ErrorCode>([
  [status.INVALID_ARGUMENT, 'invalid_argument'],
  [status.UNAUTHENTICATED, 'unauthenticated'],
  [status.PERMISSION_DENIED, 'permission_denied'],
  [status.NOT_FOUND, 'not_found'],
  [status.ALREADY_EXISTS, 'conflict'],
  // What grpc-js says of a message over its size limit.
  [status.RESOURCE_EXHAUSTED, 'payload_too_large'],
  [status.CANCELLED, 'cancelled'],
  [status.DEADLINE_EXCEEDED, 'deadline_exceeded'],
  [status.UNAVAILABLE, 'unavailable'],
  // In the midst of an update the other side may be older and not have the method yet.
  [status.UNIMPLEMENTED, 'unavailable'],
]);
