import type { ErrorDetails } from './schemas.js';

/** What an error says. */
export interface ApiErrorInit {
  readonly message: string;
  /** One of the API's codes; `unknown` where the answer was not the API's, `unreachable` where there was none. */
  readonly code: ErrorDetails['code'] | 'unknown' | 'unreachable';
  readonly param?: string | null;
  readonly category?: ErrorDetails['category'] | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** What the gateway answered instead of what was asked for; status 0 stands for no answer at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: ApiErrorInit['code'];
  /** The parameter at fault. */
  readonly param: string | null;
  /** For `content_policy_violation`: the harm category. */
  readonly category: ErrorDetails['category'] | undefined;
  /** Seconds after which another attempt makes sense; absent where the gateway didn't say. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, { message, code, param, category, retryAfterSeconds }: ApiErrorInit) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param ?? null;
    this.category = category;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Tells whether the same request may succeed later. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Makes the error that an answer is; its body is not the API's where something in between answered. */
export function toApiError(response: Response, body: unknown): ApiError {
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : undefined;
  const { error } = (body ?? {}) as { error?: ErrorDetails };
  const details = error ?? { message: `the server answered ${response.status}`, code: 'unknown' };
  return new ApiError(response.status, { ...details, retryAfterSeconds });
}
