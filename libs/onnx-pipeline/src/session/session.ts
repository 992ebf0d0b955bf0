import { basename, dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type DataType, type NamedTensors, type Tensor, tensor, toFloat16, toFloat32 } from '@darkroom/tensor';
import type * as OnnxRuntime from 'onnxruntime-node';
import { PipelineError } from '../pipeline-error.js';
import { checkProviderOptions, type ProviderOptions, providerSessionOptions, tryProvider } from './execution-provider.js';
import { loadOnnxRuntime } from './onnxruntime.js';

/** How a session uses the machine. */
export interface SessionOptions extends ProviderOptions {
  /** Threads that share one operator's work on the CPU. */
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
  /**
   * Runs the graph once; shapes and element types are the graph's business, except that float32 is taken and given where the graph has
   * float16.
   */
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
  /** Names of the inputs that are float16. */
  readonly #halfInputs: ReadonlySet<string>;
  /** Settles when the runs that were asked for have been made. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(runtime: typeof OnnxRuntime, session: OnnxRuntime.InferenceSession) {
    this.#runtime = runtime;
    this.#session = session;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
    this.inputShapes = Object.fromEntries(session.inputMetadata.map((input) => [input.name, input.isTensor ? input.shape : []]));
    const half = session.inputMetadata.filter((input) => input.isTensor && input.type === 'float16');
    this.#halfInputs = new Set(half.map(({ name }) => name));
  }

  /**
   * Loads a graph from a file, and from those beside it that the graph keeps its weights in.
   *
   * @throws PipelineError `model_damaged` when ONNX Runtime can't read it; `provider_unavailable` when this machine can't run the provider
   *   that was asked for; `invalid_argument` for an option that the provider doesn't know.
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

  static async #load(path: string, bytes: Uint8Array | undefined, options: SessionOptions): Promise<Session> {
    checkProviderOptions(options);
    const runtime = await loadOnnxRuntime();
    const { session: settings, ...providers } = providerSessionOptions(options);
    const create = (how: OnnxRuntime.InferenceSession.SessionOptions) =>
      bytes ? runtime.InferenceSession.create(bytes, how) : runtime.InferenceSession.create(path, how);
    try {
      const session = await create({
        ...providers,
        graphOptimizationLevel: 'all',
        executionMode: 'sequential',
        intraOpNumThreads: options.threads,
        interOpNumThreads: 1,
        // Reused activations halve the time of a run. A pattern per input shape would double the memory of the largest.
        enableCpuMemArena: true,
        enableMemPattern: false,
        // Threads that spin while they wait take the core from whoever else has work; the services share their cores.
        extra: {
          session: {
            intra_op: { allow_spinning: '0' },
            ...settings,
            ...(bytes && { model_external_initializers_file_folder_path: dirname(path) }),
          },
        },
      });
      return new Session(runtime, session);
    } catch (error) {
      // The graph is to blame only where the provider does well with another.
      await tryProvider(runtime, options);
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
    for (const [name, input] of Object.entries(inputs)) {
      const { dataType, data, shape } = this.#halfInputs.has(name) ? asFloat16(input) : input;
      feeds[name] = new this.#runtime.Tensor(dataType, data, shape);
    }
    const start = performance.now();
    const results = await this.#session.run(feeds);
    const kernelMs = performance.now() - start;

    const outputs: Record<string, Tensor> = {};
    for (const [name, { type, dims, data }] of Object.entries(results)) {
      const output = tensor(type as DataType, dims, data as Tensor['data']);
      outputs[name] = type === 'float16' ? toFloat32(output as Tensor<'float16'>) : output;
    }
    return { outputs, kernelMs };
  }

  /** Frees the graph and its memory. */
  async release(): Promise<void> {
    await this.#session.release();
  }
}

function asFloat16(input: Tensor): Tensor {
  return input.dataType === 'float32' ? toFloat16(input as Tensor<'float32'>) : input;
}
