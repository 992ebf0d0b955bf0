import type { NamedTensors } from '@darkroom/tensor';
import type { PipelineError } from '../pipeline-error.js';
import type { SessionMethods, SessionProgramOptions, SessionReady } from '../programs/session.js';
import { WorkerClient } from '../worker/worker-client.js';
import type { RunResult } from './session.js';

/** A graph running in a worker thread of its own, for whatever is no stage of a diffusion pipeline, such as a classifier. */
export class OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #client: WorkerClient<SessionMethods>;

  private constructor(client: WorkerClient<SessionMethods>, { inputNames, outputNames }: SessionReady) {
    this.#client = client;
    this.inputNames = inputNames;
    this.outputNames = outputNames;
  }

  /**
   * Loads a graph from a file into a new worker thread.
   *
   * @throws PipelineError `model_damaged` when ONNX Runtime can't read it.
   */
  static async load(options: SessionProgramOptions): Promise<OnnxSession> {
    const { client, ready } = await WorkerClient.start<SessionMethods, SessionProgramOptions, SessionReady>('session', options);
    return new OnnxSession(client, ready);
  }

  /** Resolves when the worker thread has ended; see {@link WorkerClient.ended}. */
  get ended(): Promise<PipelineError | undefined> {
    return this.#client.ended;
  }

  /**
   * Runs the graph once. The input tensors' buffers are transferred, not copied, so the caller loses them.
   *
   * @throws PipelineError `internal` when ONNX Runtime refuses the inputs, with its message.
   */
  async run(inputs: NamedTensors): Promise<RunResult> {
    const buffers = new Set(Object.values(inputs).map(({ data }) => data.buffer));
    return await this.#client.call('run', inputs, { transfer: [...buffers] });
  }

  /** Ends the worker thread and frees the graph. */
  async close(): Promise<void> {
    await this.#client.close();
  }
}
