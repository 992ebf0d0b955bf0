import createClient, { type Client } from 'openapi-fetch';
import { ApiError, toApiError } from './api-error.js';
import { type EventsOptions, followEvents, isEnd, pause } from './event-stream.js';
import type { operations, paths } from './generated/openapi.js';
import type { Generation, GenerationEvent, GenerationList, ImageGenerationRequest, Model, ProvenanceReport } from './schemas.js';

/** Where the gateway is, and the key that opens it. */
export interface DarkroomClientOptions {
  /** Its address, like `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** What comes with a request that begins a generation. */
export interface SubmitOptions {
  /** Requests with the same key are one generation; a new one is made when left out. */
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The picture that it edits; it draws from nothing when left out. */
  readonly picture?: PictureToEdit | undefined;
}

/** A picture that a generation edits. */
export interface PictureToEdit {
  /** A PNG, JPEG or WebP. */
  readonly image: Blob;
  /** A PNG of its size whose transparent pixels are drawn anew; all of it is when left out. */
  readonly mask?: Blob | null | undefined;
  /** How far to depart from it, above 0 up to 1; the gateway's own choice when left out. */
  readonly strength?: number | null | undefined;
}

/** What comes with a request that waits for its generation. */
export interface WaitOptions extends SubmitOptions {
  /** Hears of everything that happens to it. */
  readonly onEvent?: ((event: GenerationEvent) => void) | undefined;
}

/** How often a generation is asked for, all in all, where no answer comes. */
const ATTEMPTS = 3;

/**
 * The HTTP API, with its types; every method but `api` throws an `ApiError` for whatever is not a success.
 */
export class DarkroomClient {
  /** Calls any operation of the OpenAPI document by its path; errors of the gateway are returned, not thrown. */
  readonly api: Client<paths, 'application/json'>;

  constructor({ baseUrl, apiKey }: DarkroomClientOptions) {
    this.api = createClient({ baseUrl, headers: { authorization: `Bearer ${apiKey}` } });
  }

  /** Lists the served models, the default one first. */
  async models(): Promise<readonly Model[]> {
    return (await success(this.api.GET('/v1/models'))).data;
  }

  /** Begins a generation; where no answer comes it is asked for again, under the same key, so that it is made once. */
  async createGeneration(body: ImageGenerationRequest, options: SubmitOptions = {}): Promise<Generation> {
    const { idempotencyKey = crypto.randomUUID(), signal, picture } = options;
    // openapi-fetch sends a form as one, whatever type the document gives its fields.
    const sent = picture === undefined ? body : (formOf(body, picture) as unknown as ImageGenerationRequest);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const params = { header: { 'Idempotency-Key': idempotencyKey } };
        return await success(this.api.POST('/v1/generations', { body: sent, params, signal: signal ?? null }));
      } catch (error) {
        signal?.throwIfAborted();
        const isWorthIt = error instanceof ApiError && (error.status === 0 || error.status === 503);
        if (!isWorthIt || attempt === ATTEMPTS) throw error;
        await pause(error.retryAfterSeconds ?? attempt, signal);
      }
    }
  }

  /** Looks at a generation. */
  async generation(id: string): Promise<Generation> {
    return await success(this.api.GET('/v1/generations/{id}', { params: { path: { id } } }));
  }

  /** Lists the generations of the last day, the newest first. */
  async generations(query: operations['listGenerations']['parameters']['query'] = {}): Promise<GenerationList> {
    return await success(this.api.GET('/v1/generations', { params: { query } }));
  }

  /** Cancels a generation, and returns how it stands then. */
  async cancel(id: string): Promise<Generation> {
    return await success(this.api.DELETE('/v1/generations/{id}', { params: { path: { id } } }));
  }

  /** Yields a generation's events until it has ended, over as many connections as it takes. */
  events(id: string, options: EventsOptions = {}): AsyncGenerator<GenerationEvent, void, undefined> {
    const open = async (lastEventId: string | undefined) => {
      const header = lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId };
      const init = { params: { path: { id }, header }, parseAs: 'stream', signal: options.signal ?? null } as const;
      return (await answer(this.api.GET('/v1/generations/{id}/events', init))).response;
    };
    return followEvents(open, options);
  }

  /**
   * Makes images and waits for them, through lost connections too.
   *
   * @throws {ApiError} Thrown when the generation is refused, fails or is cancelled.
   * @throws The signal's reason, once it aborts; the generation goes on then.
   */
  async generateAndWait(body: ImageGenerationRequest, options: WaitOptions = {}): Promise<Generation> {
    const { id } = await this.createGeneration(body, options);
    for await (const event of this.events(id, options)) {
      options.onEvent?.(event);
      if (isEnd(event)) return finished(event.data);
    }
    return finished(await this.generation(id));
  }

  /** Tells whether a picture was made here: a PNG, JPEG or WebP, as it was found. */
  async verify(image: Blob): Promise<ProvenanceReport> {
    const form = new FormData();
    form.append('image', image, 'image');
    // openapi-fetch sends a form as one, whatever type the document gives its fields.
    return await success(this.api.POST('/v1/provenance/verify', { body: form as never }));
  }

  /** Fetches an image by the address that a generation tells. */
  async image(url: string): Promise<Blob> {
    const response = await answered(fetch(url));
    if (!response.ok) throw toApiError(response, await response.json().catch(() => undefined));
    return await response.blob();
  }
}

function formOf(body: ImageGenerationRequest, { image, mask, strength }: PictureToEdit): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...body, strength })) {
    if (value !== undefined && value !== null) form.append(name, String(value));
  }
  form.append('image', image, 'image');
  if (mask) form.append('mask', mask, 'mask.png');
  return form;
}

interface Answer<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/** Returns what a call was answered with, and throws what is not a success. */
async function answer<Data>(call: Promise<Answer<Data>>): Promise<Answer<Data>> {
  const given = await answered(call);
  if (!given.response.ok) throw toApiError(given.response, given.error);
  return given;
}

async function success<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  // An answer of success has the body that the document says.
  return (await answer(call)).data as Data;
}

/** Says in our words that there was no answer; whoever aborts the call hears of that instead. */
async function answered<Value>(call: Promise<Value>): Promise<Value> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof TypeError) throw new ApiError(0, { message: 'the server could not be reached', code: 'unreachable' });
    throw error;
  }
}

/** Returns a generation that has succeeded, and throws what another failed of. */
function finished(generation: Generation): Generation {
  const { status, error } = generation;
  if (status === 'succeeded') return generation;
  throw new ApiError(200, error ?? { message: `the generation is ${status}`, code: 'unknown' });
}
