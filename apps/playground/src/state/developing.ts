import type { GenerationBody, ImageGenerationBody, PartialImageEventBody, ProgressBody } from '@darkroom/contracts/http';
import { type Api, ApiError } from '../api/api.js';

/** How a generation stands, as the page shows it. */
export interface Developing {
  readonly id: string | undefined;
  readonly phase: 'sending' | 'queued' | 'running' | 'cancelling' | 'done' | 'cancelled' | 'failed';
  readonly step: number;
  readonly steps: number;
  /** What it is doing, in the gateway's word for the stage. */
  readonly stage: string | undefined;
  /** Address of a picture of it as it is now. */
  readonly partialUrl: string | undefined;
  readonly generation: GenerationBody | undefined;
  readonly error: ApiError | undefined;
}

export const sending: Developing = {
  id: undefined,
  phase: 'sending',
  step: 0,
  steps: 0,
  stage: undefined,
  partialUrl: undefined,
  generation: undefined,
  error: undefined,
};

const retryMs = 1_000;
const ended: readonly string[] = ['succeeded', 'failed', 'cancelled'];

/**
 * Asks for a picture and follows it until it is there, telling of every change.
 *
 * A connection that breaks is made again, from the last event that came; the request itself is sent under one idempotency key, so
 * that there is one picture however often it is sent.
 *
 * @param signal stops the following; the generation goes on.
 */
export async function develop(
  api: Api,
  body: ImageGenerationBody,
  signal: AbortSignal,
  tell: (developing: Developing) => void,
): Promise<Developing> {
  let now = sending;
  const change = (differing: Partial<Developing>) => {
    now = { ...now, ...differing };
    tell(now);
  };
  try {
    const submitted = await api.submit(body, crypto.randomUUID());
    change({ id: submitted.id, phase: 'queued' });
    await follow(api, submitted.id, signal, change);
  } catch (error) {
    if (signal.aborted) return now;
    change({ phase: 'failed', error: asApiError(error) });
  }
  return now;
}

async function follow(
  api: Api,
  id: string,
  signal: AbortSignal,
  change: (differing: Partial<Developing>) => void,
): Promise<void> {
  let last: string | undefined;
  for (;;) {
    try {
      for await (const event of api.events(id, last, signal)) {
        last = event.id ?? last;
        if (ended.includes(event.type)) {
          change(endOf(event.data as GenerationBody));
          return;
        }
        change(changeOf(event.type, event.data));
      }
    } catch (error) {
      // What the gateway refuses does not come right by asking again; a lost connection may.
      if (signal.aborted || (error instanceof ApiError && error.status < 500)) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

function changeOf(type: string, data: unknown): Partial<Developing> {
  if (type === 'partial_image') {
    const { url, step, steps } = data as PartialImageEventBody;
    return { phase: 'running', partialUrl: url, step, steps };
  }
  if (type === 'progress') {
    const { stage, step, steps } = data as ProgressBody;
    return { phase: 'running', stage, step, steps };
  }
  return {};
}

function endOf(generation: GenerationBody): Partial<Developing> {
  if (generation.status === 'succeeded') return { phase: 'done', generation };
  const { error } = generation;
  if (error?.code === 'cancelled') return { phase: 'cancelled', generation };
  return { phase: 'failed', generation, error: new ApiError(500, error ?? { message: 'it failed', code: 'unknown' }) };
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, { message: 'the server could not be reached', code: 'unreachable' });
}
