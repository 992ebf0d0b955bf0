import { type MessagePort, parentPort, type Transferable, workerData } from 'node:worker_threads';
import { PipelineError } from '../pipeline-error.js';
import type { CallMessage, CloseMessage, ErrorMessage, Methods, WorkerMessage } from './protocol.js';

/** What a handler may do besides returning a result. */
export interface Call<Event> {
  /** Tells whether the caller has given up; cheap enough to ask at every step. */
  isCancelled(): boolean;
  /** Sends news to the caller while the call runs; the buffers change hands instead of being copied. */
  emit(event: Event, transfer?: readonly ArrayBufferLike[]): void;
  /** Marks buffers of the result that change hands instead of being copied. */
  transfer(...buffers: readonly ArrayBufferLike[]): void;
}

/** A program's methods, each called with its arguments and a {@link Call}. */
export type Handlers<M extends Methods> = {
  [K in keyof M]: (args: M[K]['args'], call: Call<M[K]['event']>) => Promise<M[K]['result']> | M[K]['result'];
};

/**
 * Runs a program in this worker thread: starts it, tells the main thread what `start` found out, and then answers calls.
 *
 * Calls are not queued here. Each yields wherever its handler awaits, which for a step loop is between steps.
 */
export async function serve<M extends Methods, Options, Ready>(
  start: (options: Options) => Promise<{ ready: Ready; handlers: Handlers<M> }>,
): Promise<void> {
  const port = parentPort as MessagePort;
  const send = (message: WorkerMessage, transfer: readonly ArrayBufferLike[] = []) =>
    port.postMessage(message, transfer as readonly Transferable[]);
  try {
    const { ready, handlers } = await start(workerData as Options);
    port.on('message', (message: CallMessage | CloseMessage) => {
      // In a worker this ends the thread alone.
      if (message.kind === 'close') process.exit();
      void answer(message, handlers, send);
    });
    send({ kind: 'ready', value: ready });
  } catch (error) {
    send({ kind: 'failed', error: toErrorMessage(error) });
  }
}

async function answer<M extends Methods>(
  { id, method, args, cancelled }: CallMessage,
  handlers: Handlers<M>,
  send: (message: WorkerMessage, transfer?: readonly ArrayBufferLike[]) => void,
): Promise<void> {
  const flag = cancelled && new Int32Array(cancelled);
  const owned: ArrayBufferLike[] = [];
  const call: Call<unknown> = {
    isCancelled: () => flag !== undefined && Atomics.load(flag, 0) !== 0,
    emit: (event, transfer) => send({ kind: 'event', id, event }, transfer),
    transfer: (...buffers) => void owned.push(...buffers),
  };
  try {
    const handler = handlers[method as keyof M] as (args: unknown, call: Call<unknown>) => unknown;
    send({ kind: 'result', id, result: await handler(args, call) }, owned);
  } catch (error) {
    send({ kind: 'error', id, error: toErrorMessage(error) });
  }
}

function toErrorMessage(thrown: unknown): ErrorMessage {
  const { code, message, param, usage, stack } = PipelineError.from(thrown);
  return { code, message, param, usage, stack };
}
