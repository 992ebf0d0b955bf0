import { Worker } from 'node:worker_threads';
import { PipelineError } from '../pipeline-error.js';
import { programEntry } from './program-entry.js';
import type { CallMessage, CloseMessage, ErrorMessage, Methods, WorkerMessage } from './protocol.js';

/** How to make one call. */
export interface CallOptions<Event> {
  /** Cancels the call: the worker sees it between steps, and the promise rejects once it has stopped. */
  readonly signal?: AbortSignal | undefined;
  /** Hears what the worker tells while the call runs. */
  readonly onEvent?: ((event: Event) => void) | undefined;
  /** Buffers of the arguments that change hands instead of being copied; the caller can't use them afterwards. */
  readonly transfer?: readonly ArrayBufferLike[];
}

interface PendingCall {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: PipelineError) => void;
  readonly onEvent: ((event: unknown) => void) | undefined;
}

/**
 * The main thread's end of a program in a worker thread.
 *
 * ONNX Runtime blocks the thread it runs on, so every session lives in one of these. When the thread dies, all its calls are
 * rejected and so is every later one: whoever started it decides whether to start another.
 */
export class WorkerClient<M extends Methods> {
  readonly #worker: Worker;
  readonly #pending = new Map<number, PendingCall>();
  #nextId = 0;
  #dead: PipelineError | undefined;
  readonly #ended: Promise<PipelineError | undefined>;

  private constructor(worker: Worker, ended: Promise<PipelineError | undefined>) {
    this.#worker = worker;
    this.#ended = ended;
    void ended.then((error) => this.#rejectAll(error ?? new PipelineError('unavailable', 'the worker thread was closed')));
    worker.on('message', (message: WorkerMessage) => this.#receive(message));
  }

  /**
   * Starts a program and waits until it is ready.
   *
   * @param program name of a file in `programs/`.
   * @param options given to the program's start function, by structured clone.
   * @param youngGenerationMb most memory for objects that live briefly; what V8 takes by itself is meant for a whole process.
   * @returns the client, and what the program found out while starting.
   * @throws PipelineError when the program failed to start.
   */
  static async start<M extends Methods, Options, Ready>(
    program: string,
    options: Options,
    youngGenerationMb?: number,
  ): Promise<{ client: WorkerClient<M>; ready: Ready }> {
    const { url, execArgv } = programEntry(program);
    const resourceLimits = youngGenerationMb === undefined ? {} : { maxYoungGenerationSizeMb: youngGenerationMb };
    const worker = new Worker(url, { workerData: options, name: program, execArgv, resourceLimits });
    const ended = new Promise<PipelineError | undefined>((resolve) => {
      worker.once('error', (error) =>
        resolve(new PipelineError('unavailable', `the ${program} thread died: ${String(error)}`, { cause: error })),
      );
      worker.once('exit', () => resolve(undefined));
    });
    const first = await Promise.race([
      new Promise<WorkerMessage>((resolve) => worker.once('message', resolve)),
      ended.then((error) => {
        throw error ?? new PipelineError('unavailable', `the ${program} thread ended before it was ready`);
      }),
    ]);
    if (first.kind !== 'ready') {
      await worker.terminate();
      throw first.kind === 'failed' ? fromErrorMessage(first.error) : new PipelineError('internal', 'unexpected message');
    }
    return { client: new WorkerClient<M>(worker, ended), ready: first.value as Ready };
  }

  /** Resolves when the thread has ended: with the error that killed it, or with undefined after {@link close}. */
  get ended(): Promise<PipelineError | undefined> {
    return this.#ended;
  }

  /**
   * Calls a method of the program.
   *
   * @throws PipelineError what the program threw; `cancelled` when the signal fired; `unavailable` when the thread is dead.
   */
  async call<K extends keyof M & string>(
    method: K,
    args: M[K]['args'],
    { signal, onEvent, transfer = [] }: CallOptions<M[K]['event']> = {},
  ): Promise<M[K]['result']> {
    if (this.#dead) {
      throw this.#dead;
    }
    if (signal?.aborted) {
      throw PipelineError.cancelled();
    }
    const cancelled = signal && new SharedArrayBuffer(4);
    const cancel = () => void Atomics.store(new Int32Array(cancelled as SharedArrayBuffer), 0, 1);
    const id = this.#nextId++;
    const message: CallMessage = { kind: 'call', id, method, args, cancelled };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(id, { resolve, reject, onEvent: onEvent as PendingCall['onEvent'] });
        this.#worker.postMessage(message, transfer as readonly ArrayBuffer[]);
      });
    } finally {
      this.#pending.delete(id);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /**
   * Ends the thread as soon as no kernel runs, rejecting what it has not finished.
   *
   * The worker is asked, not terminated: a thread that is stopped inside ONNX Runtime's native code aborts the whole process.
   */
  async close(): Promise<void> {
    const message: CloseMessage = { kind: 'close' };
    this.#worker.postMessage(message);
    await this.#ended;
  }

  #receive(message: WorkerMessage): void {
    if (message.kind === 'ready' || message.kind === 'failed') {
      return;
    }
    const pending = this.#pending.get(message.id);
    if (message.kind === 'event') {
      pending?.onEvent?.(message.event);
    } else if (message.kind === 'result') {
      pending?.resolve(message.result);
    } else {
      pending?.reject(fromErrorMessage(message.error));
    }
  }

  #rejectAll(error: PipelineError): void {
    this.#dead = error;
    for (const { reject } of this.#pending.values()) {
      reject(error);
    }
  }
}

function fromErrorMessage({ code, message, param, usage, stack }: ErrorMessage): PipelineError {
  const error = new PipelineError(code, message, { ...(param !== undefined && { param }), ...(usage && { usage }) });
  if (stack !== undefined) {
    error.stack = stack;
  }
  return error;
}
