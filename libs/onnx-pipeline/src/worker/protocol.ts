import type { PipelineErrorCode, Usage } from '../pipeline-error.js';

/** What a program running in a worker thread offers: for each method, what it takes, returns, and tells while it runs. */
export type Methods = Record<string, { args: unknown; result: unknown; event: unknown }>;

/** One call, from the main thread to the worker. */
export interface CallMessage {
  readonly kind: 'call';
  readonly id: number;
  readonly method: string;
  readonly args: unknown;
  /** One int32, 0 until the caller cancels: shared memory, so that it is seen between steps without reading messages. */
  readonly cancelled: SharedArrayBuffer | undefined;
}

/** Tells the worker to end its thread at the next moment when no kernel runs. */
export interface CloseMessage {
  readonly kind: 'close';
}

/** An error on its way between threads, where classes don't survive. */
export interface ErrorMessage {
  readonly code: PipelineErrorCode;
  readonly message: string;
  readonly param: string | undefined;
  readonly usage: Usage | undefined;
  readonly stack: string | undefined;
}

/** Everything a worker says. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly error: ErrorMessage }
  | { readonly kind: 'event'; readonly id: number; readonly event: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly result: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorMessage };
