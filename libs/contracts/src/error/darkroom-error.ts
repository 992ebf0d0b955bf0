/** The codes an error of the platform may have; each has one HTTP status and one gRPC status. */
export const errorCodes = [
  'invalid_argument',
  'unauthenticated',
  'permission_denied',
  'not_found',
  'conflict',
  'payload_too_large',
  'content_policy_violation',
  'rate_limited',
  'cancelled',
  'deadline_exceeded',
  'unavailable',
  'internal',
  'model_damaged',
  'worker_lost',
] as const;

/** One of the platform's error codes. */
export type ErrorCode = (typeof errorCodes)[number];

/** What an error says, apart from its cause: everything of it that crosses a process border. */
export interface ErrorInit {
  readonly code: ErrorCode;
  /** A sentence for whoever sent the request; it never quotes a prompt, a key or a file's bytes. */
  readonly message: string;
  /** The request parameter at fault. */
  readonly param?: string | undefined;
  /** For `content_policy_violation`: the harm category. */
  readonly category?: string | undefined;
  /** For `content_policy_violation`: the decision that refused, which can be appealed against. */
  readonly decisionId?: string | undefined;
  /** Seconds after which a retry makes sense; absent when none does. */
  readonly retryAfterSeconds?: number | undefined;
  /** What led to the error; it stays in this process, for its log. */
  readonly cause?: unknown;
}

/** The one error that services answer with, over HTTP, gRPC and the queue alike. */
export class DarkroomError extends Error {
  override readonly name = 'DarkroomError';
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly category: string | undefined;
  readonly decisionId: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor({ code, message, param, category, decisionId, retryAfterSeconds, cause }: ErrorInit) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.param = param;
    this.category = category;
    this.decisionId = decisionId;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /**
   * Makes a DarkroomError of anything that was thrown.
   *
   * Aborts become `cancelled`, timeouts `deadline_exceeded`, lost connections `unavailable`. All else becomes `internal` with a
   * message that tells nothing, since a foreign message may quote what must not leave the process; the cause keeps it.
   */
  static from(thrown: unknown): DarkroomError {
    if (thrown instanceof DarkroomError) return thrown;
    const name = textOf(thrown, 'name');
    if (name === 'AbortError') return new DarkroomError({ code: 'cancelled', message: 'the work was cancelled', cause: thrown });
    if (name === 'TimeoutError') {
      return new DarkroomError({ code: 'deadline_exceeded', message: 'the work took too long', cause: thrown });
    }
    if (connectionErrors.has(textOf(thrown, 'code') ?? '')) {
      return new DarkroomError({
        code: 'unavailable',
        message: 'a service that this one needs is not reachable',
        retryAfterSeconds: 2,
        cause: thrown,
      });
    }
    return new DarkroomError({ code: 'internal', message: 'an internal error occurred', cause: thrown });
  }
}

/** Tells whether a text is one of the platform's error codes. */
export function isErrorCode(text: string): text is ErrorCode {
  return (errorCodes as readonly string[]).includes(text);
}

/** Node's codes of connections that could not be made or were lost. */
const connectionErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

function textOf(thrown: unknown, property: 'name' | 'code'): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  const value = (thrown as Record<string, unknown>)[property];
  return typeof value === 'string' ? value : undefined;
}
