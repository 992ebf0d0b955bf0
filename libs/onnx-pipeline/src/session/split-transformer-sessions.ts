import { readFile } from 'node:fs/promises';
import { expectDataType, type NamedTensors, type Tensor } from '@darkroom/tensor';
import type { FirstBlockResult, RemainingBlocksResult, SplitTransformer } from '../denoising/caching-transformer.js';
import type { BlockBoundaries, Family, TransformerStep } from '../families/family.js';
import { extractSubgraph } from '../graph/subgraph.js';
import type { ModelFolder } from '../model-folder.js';
import type { ModelOptions } from '../model-options.js';
import { PipelineError } from '../pipeline-error.js';
import { type RunResult, Session } from './session.js';

/** After so long without a run the sessions are released: beside the whole transformer, they hold its weights a second time. */
const defaultIdleMs = 60_000;

/** The sessions of a split transformer, and the names of what passes between them. */
interface Parts {
  readonly boundaries: BlockBoundaries;
  readonly firstBlock: Session;
  readonly remainingBlocks: Session;
  readonly head: Session;
}

/**
 * A transformer cut into three sessions, which are there while they are used.
 *
 * The cuts are made in memory, of the transformer's own file. Every part computes for itself what little it needs of the inputs, such as
 * the embedding of the timestep, so that only hidden states pass from one to the next.
 */
export class SplitTransformerSessions implements SplitTransformer {
  readonly #folder: ModelFolder;
  readonly #family: Family;
  readonly #options: ModelOptions;
  readonly #idleMs: number;
  #parts: Promise<Parts> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: ModelFolder, family: Family, options: ModelOptions, idleMs = defaultIdleMs) {
    this.#folder = folder;
    this.#family = family;
    this.#options = options;
    this.#idleMs = idleMs;
  }

  /**
   * Loads the sessions unless they are there; every run does so too.
   *
   * @throws PipelineError `invalid_argument` for "first_block_cache" when the graph has no such places to be split at; `model_damaged`
   *   when the file is not any more what its digest says.
   */
  async open(): Promise<void> {
    await this.#use(async () => undefined);
  }

  /** Whether the sessions are there, or are being loaded. */
  get isOpen(): boolean {
    return this.#parts !== undefined;
  }

  async firstBlock(step: TransformerStep): Promise<FirstBlockResult> {
    return await this.#use(async ({ firstBlock, boundaries: { beforeFirst, afterFirst } }) => {
      const result = await firstBlock.run(this.#inputs(firstBlock, step, {}));
      return { before: output(result, beforeFirst), after: output(result, afterFirst), kernelMs: result.kernelMs };
    });
  }

  async remainingBlocks(step: TransformerStep, hidden: Tensor<'float32'>): Promise<RemainingBlocksResult> {
    return await this.#use(async ({ remainingBlocks, boundaries: { afterFirst, afterLast } }) => {
      const result = await remainingBlocks.run(this.#inputs(remainingBlocks, step, { [afterFirst]: hidden }));
      return { hidden: output(result, afterLast), kernelMs: result.kernelMs };
    });
  }

  async head(step: TransformerStep, hidden: Tensor<'float32'>): Promise<{ velocities: Tensor; kernelMs: number }> {
    return await this.#use(async ({ head, boundaries: { afterLast } }) => {
      const result = await head.run(this.#inputs(head, step, { [afterLast]: hidden }));
      return { velocities: output(result, this.#family.transformer.outputs[0] as string), kernelMs: result.kernelMs };
    });
  }

  /** The step's inputs that a part has, and the hidden states it goes on from. */
  #inputs({ inputNames }: Session, step: TransformerStep, hidden: NamedTensors): NamedTensors {
    const all = Object.entries({ ...this.#family.transformerInputs(step), ...hidden });
    return Object.fromEntries(all.filter(([name]) => inputNames.includes(name)));
  }

  async #use<Result>(task: (parts: Parts) => Promise<Result>): Promise<Result> {
    clearTimeout(this.#timer);
    try {
      this.#parts ??= this.#load();
      return await task(await this.#parts);
    } finally {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#release(), this.#idleMs).unref();
    }
  }

  async #load(): Promise<Parts> {
    const path = this.#folder.graphPath('transformer');
    try {
      if (this.#options.precision === 'fp16') {
        throw new RangeError('an fp16 graph has no float32 hidden states to be split at');
      }
      // Another file may lie there than when the model was opened.
      await this.#folder.verify(['transformer']);
      const boundaries = (await this.#family.openBlockBoundaries?.(this.#folder)) as BlockBoundaries;
      const { beforeFirst, afterFirst, afterLast } = boundaries;
      const model = await readFile(path);
      const load = async (inputs: readonly string[], outputs: readonly string[]) =>
        await Session.loadBytes(path, extractSubgraph(model, { inputs, outputs }), this.#options);
      return {
        boundaries,
        firstBlock: await load([], [beforeFirst, afterFirst]),
        remainingBlocks: await load([afterFirst], [afterLast]),
        head: await load([afterLast], this.#family.transformer.outputs),
      };
    } catch (error) {
      this.#parts = undefined;
      if (error instanceof RangeError) {
        throw PipelineError.invalidArgument('first_block_cache', `this model's first block can't be cached: ${error.message}`);
      }
      throw error;
    }
  }

  async #release(): Promise<void> {
    const parts = this.#parts;
    this.#parts = undefined;
    const { firstBlock, remainingBlocks, head } = (await parts) ?? {};
    await Promise.all([firstBlock, remainingBlocks, head].map((session) => session?.release()));
  }
}

/** Returns an output, making sure that it is float32. */
function output({ outputs }: RunResult, name: string): Tensor<'float32'> {
  return expectDataType(outputs[name] as Tensor, 'float32', name);
}
