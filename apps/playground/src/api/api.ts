import type { GenerationBody, ImageGenerationBody, ModelBody, ModelListBody } from '@darkroom/contracts/http';
import { EventSourceParserStream } from 'eventsource-parser/stream';

/** What the gateway answers instead of what was asked for. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
  readonly category: string | undefined;

  constructor(status: number, error: { message: string; code: string; param?: string | null; category?: string | undefined }) {
    super(error.message);
    this.name = 'ApiError';
    this.status = status;
    this.code = error.code;
    this.param = error.param ?? null;
    this.category = error.category;
  }
}

/** One event of a generation's stream. */
export interface StreamedEvent {
  readonly id: string | undefined;
  readonly type: string;
  readonly data: unknown;
}

/** The gateway's HTTP API, as any client uses it. */
export class Api {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  /** Lists the served models, the default one first. */
  async models(): Promise<ModelBody[]> {
    const { data } = await this.#json<ModelListBody>('GET', '/v1/models');
    return data;
  }

  /** Asks for images; the same idempotency key gives the same generation. */
  async submit(body: ImageGenerationBody, idempotencyKey: string): Promise<GenerationBody> {
    return await this.#json('POST', '/v1/generations', body, { 'idempotency-key': idempotencyKey });
  }

  async generation(id: string): Promise<GenerationBody> {
    return await this.#json('GET', `/v1/generations/${id}`);
  }

  async cancel(id: string): Promise<GenerationBody> {
    return await this.#json('DELETE', `/v1/generations/${id}`);
  }

  /** Fetches a finished image, whose address is signed. */
  async image(url: string): Promise<Blob> {
    const response = await fetch(url);
    if (!response.ok) throw await toError(response);
    return await response.blob();
  }

  /** Yields a generation's events from after the given one, until the stream ends. */
  async *events(id: string, lastEventId: string | undefined, signal: AbortSignal): AsyncGenerator<StreamedEvent> {
    const response = await this.#fetch(
      'GET',
      `/v1/generations/${id}/events`,
      undefined,
      {
        accept: 'text/event-stream',
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      },
      signal,
    );
    const events = response.body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
    const reader = events?.getReader();
    for (;;) {
      const next = await reader?.read();
      if (next === undefined || next.done) return;
      const { id: eventId, event, data } = next.value;
      yield { id: eventId, type: event ?? 'message', data: JSON.parse(data) };
    }
  }

  async #json<Body>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Body> {
    const response = await this.#fetch(method, path, body, headers);
    return (await response.json()) as Body;
  }

  async #fetch(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Response> {
    const response = await fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${this.#key}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
    if (!response.ok) throw await toError(response);
    return response;
  }
}

async function toError(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as { error: { message: string; code: string } };
    return new ApiError(response.status, error);
  } catch {
    return new ApiError(response.status, { message: `the server answered ${response.status}`, code: 'unknown' });
  }
}
