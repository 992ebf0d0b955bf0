import { type HarmCategory, isHarmCategory } from '../safety/taxonomy.js';
import type { DarkroomError, ErrorCode } from './darkroom-error.js';

/** An error's HTTP answer, in the shape of OpenAI's API. */
export interface HttpErrorAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: HttpErrorBody;
}

/** The body of every answer that is an error. */
export interface HttpErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: ErrorCode;
    /** For `content_policy_violation`: the harm category; left out where another version named one that this one doesn't know. */
    readonly category?: HarmCategory;
    /** For `content_policy_violation`: the decision that refused, which can be appealed against. */
    readonly decision_id?: string;
  };
}

/** Turns an error into its HTTP answer; the only place that knows the statuses. */
export function toHttp(error: DarkroomError): HttpErrorAnswer {
  const { status, type } = answers[error.code];
  const headers: Record<string, string> = {};
  if (error.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(error.retryAfterSeconds)));
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  return {
    status,
    headers,
    body: {
      error: {
        message: error.message,
        type,
        param: error.param ?? null,
        code: error.code,
        ...(error.category !== undefined && isHarmCategory(error.category) ? { category: error.category } : {}),
        ...(error.decisionId === undefined ? {} : { decision_id: error.decisionId }),
      },
    },
  };
}

/** Returns the HTTP status of an error code. */
export function statusOf(code: ErrorCode): number {
  return answers[code].status;
}

const answers: Record<ErrorCode, { readonly status: number; readonly type: string }> = {
  invalid_argument: { status: 400, type: 'invalid_request_error' },
  unauthenticated: { status: 401, type: 'authentication_error' },
  permission_denied: { status: 403, type: 'permission_error' },
  not_found: { status: 404, type: 'invalid_request_error' },
  conflict: { status: 409, type: 'invalid_request_error' },
  payload_too_large: { status: 413, type: 'invalid_request_error' },
  content_policy_violation: { status: 400, type: 'invalid_request_error' },
  rate_limited: { status: 429, type: 'rate_limit_error' },
  // Nobody is there to read it; 499 is what access logs call a client that has gone.
  cancelled: { status: 499, type: 'invalid_request_error' },
  deadline_exceeded: { status: 504, type: 'server_error' },
  unavailable: { status: 503, type: 'server_error' },
  internal: { status: 500, type: 'server_error' },
  model_damaged: { status: 503, type: 'server_error' },
  // The generation ended its worker's process more than once, and is not tried again.
  worker_lost: { status: 500, type: 'server_error' },
};
