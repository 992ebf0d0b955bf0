import { basename, dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type DataType, type NamedTensors, type Tensor, tensor } from '@darkroom/tensor';
import type * as OnnxRuntime from 'onnxruntime-node';
import { PipelineError } from '../pipeline-error.js';
import { loadOnnxRuntime } from './onnxruntime.js';

/** How a session uses the machine. */
export interface SessionOptions {
  /** Threads that share one operator's work. */
  readonly threads: number;
}

/** What one run of a graph gave. */
export interface RunResult {
  readonly outputs: NamedTensors;
  /** Milliseconds inside ONNX Runtime. */
  readonly kernelMs: number;
}

/** A graph that can be run. */
export interface RunnableGraph {
  /** Runs the graph once; shapes and element types are the graph's business. */
  run(inputs: NamedTensors): Promise<RunResult>;
}

/** A graph loaded into ONNX Runtime. Runs block the thread it is used on, so it belongs into a worker thread. */
export class Session implements RunnableGraph {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Each input's axes; a name where the length is free. */
  readonly inputShapes: Readonly<Record<string, readonly (number | string)[]>>;
  readonly #runtime: typeof OnnxRuntime;
  readonly #session: OnnxRuntime.InferenceSession;
  /** Settles when the runs that were asked for have been made. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(runtime: typeof OnnxRuntime, session: OnnxRuntime.InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
    this.inputShapes = Object.fromEntries(session.inputMetadata.map((input) => [input.name, input.isTensor ? input.shape : []]));
  }

  /**
   * Loads a graph from a file, optimised for the CPU.
   *
   * @throws PipelineError `model_damaged` when ONNX Runtime can't read it.
   */
  static async load(path: string, options: SessionOptions): Promise<Session> {
    return await Session.#load(path, undefined, options);
  }

  /**
   * Loads a graph that was made in memory of a file's, as {@link load} does.
   *
   * @param path the file, which names the graph in errors, and beside which its external data lies.
   */
  static async loadBytes(path: string, bytes: Uint8Array, options: SessionOptions): Promise<Session> {
    return await Session.#load(path, bytes, options);
  }

  static async #load(path: string, bytes: Uint8Array | undefined, { threads }: SessionOptions): Promise<Session> {
    const runtime = await loadOnnxRuntime();
    const create = (options: OnnxRuntime.InferenceSession.SessionOptions) =>
      bytes ? runtime.InferenceSession.create(bytes, options) : runtime.InferenceSession.create(path, options);
    try {
      const session = await create({
        executionProviders: ['cpu'],
        graphOptimizationLevel: 'all',
        executionMode: 'sequential',
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // Reused activations halve the time of a run. A pattern per input shape would double the memory of the largest.
        enableCpuMemArena: true,
        enableMemPattern: false,
        // Threads that spin while they wait take the core from whoever else has work; the services share their cores.
        extra: {
          session: {
            intra_op: { allow_spinning: '0' },
            ...(bytes && { model_external_initializers_file_folder_path: dirname(path) }),
          },
        },
      });
      return new Session(runtime, session);
    } catch (error) {
      throw PipelineError.modelDamaged(
        `ONNX Runtime can't load ${basename(dirname(path))}/${basename(path)}: ${String(error)}`,
        error,
      );
    }
  }

  /**
   * Makes sure that the graph has the inputs and outputs a family counts on.
   *
   * @throws PipelineError `model_damaged` naming what is missing or unknown.
   */
  expect(graph: string, inputs: readonly string[], outputs: readonly string[]): void {
    const missing = [
      ...inputs.filter((name) => !this.inputNames.includes(name)).map((name) => `input ${name} is missing`),
      ...outputs.filter((name) => !this.outputNames.includes(name)).map((name) => `output ${name} is missing`),
      ...this.inputNames.filter((name) => !inputs.includes(name)).map((name) => `input ${name} is unknown`),
    ];
    if (missing.length > 0) {
      throw PipelineError.modelDamaged(`${graph}/model.onnx does not fit its family: ${missing.join(', ')}`);
    }
  }

  /** Runs the graph; runs are made one after another, so that none's kernel time holds another's. */
  run(inputs: NamedTensors): Promise<RunResult> {
    const result = this.#last.then(() => this.#run(inputs));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #run(inputs: NamedTensors): Promise<RunResult> {
    const feeds: Record<string, OnnxRuntime.Tensor> = {};
    for (const [name, { dataType, data, shape }] of Object.entries(inputs)) {
      feeds[name] = new this.#runtime.Tensor(dataType, data, shape);
    }
    const start = performance.now();
    const results = await this.#session.run(feeds);
    const kernelMs = performance.now() - start;

    const outputs: Record<string, Tensor> = {};
    for (const [name, { type, dims, data }] of Object.entries(results)) {
      outputs[name] = tensor(type as DataType, dims, data as Tensor['data']);
    }
    return { outputs, kernelMs };
  }

  /** Frees the graph and its memory. */
  async release(): Promise<void> {
    await this.#session.release();
  }
}
