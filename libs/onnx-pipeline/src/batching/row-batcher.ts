import { elementCount, gaussianNoise, type Shape, type Tensor, tensor } from '@darkroom/tensor';
import { RowCosts, trialRows } from './row-costs.js';

/** A graph of one input and one output, whose first axis is the batch: rows that know nothing of each other. */
export type RowGraph = (rows: Tensor<'float32'>) => Promise<RowOutput>;

/** What a run of a {@link RowGraph} gave. */
export interface RowOutput {
  readonly output: Tensor<'float32'>;
  /** Milliseconds inside ONNX Runtime; of a row that shared a run, its share. */
  readonly kernelMs: number;
}

/** How rows may share runs. */
export interface RowBatcherOptions {
  /** Tells how many rows of a shape fit into memory; at least 1. */
  readonly rowsThatFit: (shape: Shape) => number;
  /** Gives each row a run of its own. */
  readonly alone: boolean;
}

interface WaitingRow {
  readonly row: Tensor<'float32'>;
  readonly shape: string;
  readonly resolve: (output: RowOutput) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Runs a graph for whoever asks, first come, first served; rows of one shape that wait while a run is under way share the next one,
 * as far as that pays.
 *
 * Nobody is made to wait for company. A shared run that fails is made again row by row, so that what is wrong with one fails that one.
 */
export class RowBatcher {
  readonly #graph: RowGraph;
  readonly #options: RowBatcherOptions;
  readonly #costs = new RowCosts();
  #waiting: WaitingRow[] = [];
  #running = false;

  constructor(graph: RowGraph, options: RowBatcherOptions) {
    this.#graph = graph;
    this.#options = options;
  }

  /** Runs one row, of batch 1; rejects with what the graph threw. */
  run(row: Tensor<'float32'>): Promise<RowOutput> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ row, shape: row.shape.join('x'), resolve, reject });
      if (!this.#running) void this.#runAll();
    });
  }

  async #runAll(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      // Lets in what has arrived while the last run blocked the thread.
      await new Promise(setImmediate);
      await this.#runTogether(this.#next());
    }
    this.#running = false;
  }

  /** Takes the first row that waits, and those of its shape that go with it. */
  #next(): readonly WaitingRow[] {
    const [first] = this.#waiting as [WaitingRow];
    const alike = this.#waiting.filter(({ shape }) => shape === first.shape);
    const most = this.#options.alone ? 1 : Math.min(alike.length, this.#options.rowsThatFit(first.row.shape));
    const batch = alike.slice(0, this.#costs.rows(first.shape, Math.max(1, most)));
    this.#waiting = this.#waiting.filter((row) => !batch.includes(row));
    return batch;
  }

  async #runTogether(batch: readonly WaitingRow[]): Promise<void> {
    const [first] = batch as [WaitingRow];
    try {
      const { output, kernelMs } = await this.#graph(stack(batch.map(({ row }) => row)));
      this.#costs.record(first.shape, batch.length, kernelMs);
      for (const [i, { resolve }] of batch.entries()) {
        resolve({ output: rowOf(output, i), kernelMs: kernelMs / batch.length });
      }
    } catch (error) {
      this.#costs.record(first.shape, batch.length, Number.POSITIVE_INFINITY);
      if (batch.length === 1) {
        first.reject(error);
        return;
      }
      for (const row of batch) {
        await this.#runTogether([row]);
      }
    }
  }
}

/**
 * Finds out whether a graph gives rows the same bits in any batch: where not, only runs of one row give the same bytes in any company.
 *
 * @param shape of a row, with batch 1; two unlike samples of noise take turns in the rows.
 */
export async function isBatchInvariant(graph: RowGraph, shape: Shape): Promise<boolean> {
  const samples = [1, 2].map((seed) => gaussianNoise(seed, shape));
  const alone: Uint32Array[] = [];
  for (const sample of samples) {
    alone.push(bitsOf((await graph(sample)).output).slice());
  }
  for (const count of trialRows.filter((rows) => rows > 1)) {
    const rows = Array.from({ length: count }, (_, row) => samples[row % samples.length] as Tensor<'float32'>);
    const { output } = await graph(stack(rows));
    const same = rows.every((_, i) => sameBits(bitsOf(rowOf(output, i)), alone[i % alone.length] as Uint32Array));
    if (!same) return false;
  }
  return true;
}

function stack(rows: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  const [first] = rows as [Tensor<'float32'>];
  if (rows.length === 1) return first;
  const data = new Float32Array(rows.length * first.data.length);
  for (const [i, row] of rows.entries()) {
    data.set(row.data, i * first.data.length);
  }
  return tensor('float32', [rows.length, ...first.shape.slice(1)], data);
}

/** Views one row of a batch, without copying. */
function rowOf({ shape, data }: Tensor<'float32'>, index: number): Tensor<'float32'> {
  const row = [1, ...shape.slice(1)];
  const elements = elementCount(row);
  return tensor('float32', row, data.subarray(index * elements, (index + 1) * elements));
}

function bitsOf({ data }: Tensor<'float32'>): Uint32Array {
  return new Uint32Array(data.buffer, data.byteOffset, data.length);
}

function sameBits(a: Uint32Array, b: Uint32Array): boolean {
  return a.every((word, i) => word === b[i]);
}
