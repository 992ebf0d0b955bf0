import { requestHeader } from '@darkroom/contracts/admin';

/** The admin API's refusal of a request, in its own words. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;
  /** The parameter at fault. */
  readonly param: string | undefined;

  constructor(status: number, code: string, message: string, param?: string) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
  }
}

/** Values of a query string; what is undefined or empty is left out. */
export type Params = Readonly<Record<string, string | number | boolean | undefined>>;

/** Sends a request to the admin API of this page's origin. @throws ApiError when it says no, or can't be reached. */
export async function request(
  method: string,
  path: string,
  {
    body,
    params,
    headers,
    signal,
  }: { body?: unknown; params?: Params; headers?: Readonly<Record<string, string>>; signal?: AbortSignal } = {},
): Promise<Response> {
  const response = await fetch(addressOf(path, params), {
    method,
    headers: {
      ...headers,
      ...(method !== 'GET' && { [requestHeader.name]: requestHeader.value }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal !== undefined && { signal }),
  }).catch((cause: unknown) => {
    if ((cause as Error).name === 'AbortError') throw cause;
    throw new ApiError(0, 'unreachable', 'The control plane can’t be reached. Is it running?');
  });
  if (!response.ok) throw await refusalOf(response);
  return response;
}

/** Sends a request and reads the JSON that it is answered with. */
export async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  const text = await (await request(method, path, { body })).text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Address of something in the admin API, for links too. */
export function addressOf(path: string, params: Params = {}): string {
  const wanted = Object.entries(params).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)] as [string, string]],
  );
  return `/admin/v1/${path}${wanted.length === 0 ? '' : `?${new URLSearchParams(wanted)}`}`;
}

async function refusalOf(response: Response): Promise<ApiError> {
  const { error } = (await response.json().catch(() => ({}))) as {
    error?: { code?: string; message?: string; param?: string | null };
  };
  const message = error?.message ?? `The control plane answered with status ${response.status}.`;
  return new ApiError(response.status, error?.code ?? 'unknown', message, error?.param ?? undefined);
}
