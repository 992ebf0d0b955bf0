import {
  ApiError,
  type DarkroomClient,
  type Generation,
  type GenerationEvent,
  type ImageGenerationRequest,
} from '@darkroom/client';
import type { SourcePicture } from './settings.js';

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
  readonly generation: Generation | undefined;
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

/**
 * Asks for a picture and follows it until it is there, telling of every change.
 *
 * @param picture the one that it starts from, if any.
 * @param signal stops the following; the generation goes on.
 */
export async function develop(
  client: DarkroomClient,
  body: ImageGenerationRequest,
  picture: SourcePicture | null,
  signal: AbortSignal,
  tell: (developing: Developing) => void,
): Promise<Developing> {
  let now = sending;
  const change = (differing: Partial<Developing>) => {
    now = { ...now, ...differing };
    tell(now);
  };
  try {
    const { id } = await client.createGeneration(body, { signal, picture: picture ?? undefined });
    change({ id, phase: 'queued' });
    for await (const event of client.events(id, { signal })) change(changeOf(event));
  } catch (error) {
    if (signal.aborted) return now;
    change({ phase: 'failed', error: asApiError(error) });
  }
  return now;
}

function changeOf({ event, data }: GenerationEvent): Partial<Developing> {
  switch (event) {
    case 'partial_image':
      return { phase: 'running', partialUrl: data.url, step: data.step, steps: data.steps };
    case 'progress':
      return { phase: 'running', stage: data.stage, step: data.step, steps: data.steps };
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      return endOf(data);
    default:
      // An event of a newer gateway, which this page doesn't know.
      return {};
  }
}

function endOf(generation: Generation): Partial<Developing> {
  if (generation.status === 'succeeded') return { phase: 'done', generation };
  const { error } = generation;
  if (error?.code === 'cancelled') return { phase: 'cancelled', generation };
  return { phase: 'failed', generation, error: new ApiError(500, error ?? { message: 'it failed', code: 'unknown' }) };
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(0, { message: 'the server could not be reached', code: 'unreachable' });
}
