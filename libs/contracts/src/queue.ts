import { DarkroomError } from './error/darkroom-error.js';
import { GenerationJob, GenerationResult } from './generated/darkroom/generation/v1/generation.js';

/** What a job's data and its return value look like in Redis: one protobuf message in base64. */
export interface QueuePayload {
  readonly payload: string;
}

/** Longest payload that may lie in Redis; larger things travel by reference, in the blob store. */
export const maxPayloadBytes = 16 * 1024;

/** Longest prompt, in UTF-8 bytes, that travels in the payload; two of them fit beside the longest name of a user and all the rest. */
export const maxInlinePromptBytes = 4 * 1024;

/** What a generation is doing, in the order in which it does it. */
export const stages = ['queue', 'encode', 'denoise', 'decode', 'moderate', 'store'] as const;

/** One stage of a generation. */
export type Stage = (typeof stages)[number];

/** How far a generation is; a job's progress in the queue. */
export interface GenerationProgress {
  readonly stage: Stage;
  /** Steps done of the current image. */
  readonly step: number;
  readonly steps: number;
  /** Index of the current image. */
  readonly image: number;
  readonly images: number;
}

/**
 * Names a model's queue; one per model, since a worker can't choose among a queue's jobs.
 *
 * @throws {DarkroomError} Thrown with `invalid_argument` when the name could not be a model folder's.
 */
export function queueName(model: string): string {
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(model)) {
    throw new DarkroomError({
      code: 'invalid_argument',
      message: 'a model is named by up to 64 lower-case letters, digits, ".", "_" and "-"',
      param: 'model',
    });
  }
  return `generations-${model}`;
}

/** Names the queue of a model's dead letters: jobs that ended their workers' processes and are not tried again. */
export function deadLettersName(model: string): string {
  return `dead-letters-${queueName(model).slice('generations-'.length)}`;
}

/** Tells whether a prompt travels in the job's payload; otherwise it is stored under `promptKey` first. */
export function travelsInline(prompt: string): boolean {
  return Buffer.byteLength(prompt) <= maxInlinePromptBytes;
}

/**
 * Encodes a job's data.
 *
 * @throws {DarkroomError} Thrown with `payload_too_large` when it is over 16 KiB.
 */
export function encodeGenerationJob(job: GenerationJob): QueuePayload {
  return toPayload(GenerationJob.encode(job).finish());
}

/**
 * Decodes a job's data; fields of a newer version are skipped.
 *
 * @throws {DarkroomError} Thrown with `internal` when it is no GenerationJob.
 */
export function decodeGenerationJob(data: unknown): GenerationJob {
  return fromPayload(data, (bytes) => GenerationJob.decode(bytes), 'GenerationJob');
}

/**
 * Encodes what a job returns.
 *
 * @throws {DarkroomError} Thrown with `payload_too_large` when it is over 16 KiB.
 */
export function encodeGenerationResult(result: GenerationResult): QueuePayload {
  return toPayload(GenerationResult.encode(result).finish());
}

/**
 * Decodes what a job returned; fields of a newer version are skipped.
 *
 * @throws {DarkroomError} Thrown with `internal` when it is no GenerationResult.
 */
export function decodeGenerationResult(value: unknown): GenerationResult {
  return fromPayload(value, (bytes) => GenerationResult.decode(bytes), 'GenerationResult');
}

function toPayload(bytes: Uint8Array): QueuePayload {
  const payload = Buffer.from(bytes).toString('base64');
  if (payload.length >= maxPayloadBytes) {
    throw new DarkroomError({ code: 'payload_too_large', message: 'a queue payload must stay under 16 KiB' });
  }
  return { payload };
}

function fromPayload<Message extends { id: string }>(value: unknown, decode: (bytes: Buffer) => Message, name: string): Message {
  const payload = (value as Partial<QueuePayload> | null | undefined)?.payload;
  if (typeof payload === 'string') {
    try {
      const message = decode(Buffer.from(payload, 'base64'));
      // Random bytes can decode to an empty message; no message of ours is without an id.
      if (message.id !== '') return message;
    } catch {
      // Told below, in our own words.
    }
  }
  throw new DarkroomError({ code: 'internal', message: `the queue holds something that is no ${name}` });
}
