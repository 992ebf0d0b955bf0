import { type DataType, elementSize, type Tensor, tensor, viewAs } from '@darkroom/tensor';
import type { TransformerStep } from '../families/family.js';
import type { FirstBlockCache } from './first-block-cache.js';
import type { Transformer } from './step-batch.js';
import type { Trajectory } from './trajectory.js';

/** What the first block gave. */
export interface FirstBlockResult {
  /** float32 [batch, tokens, width]: the hidden states that the first block took. */
  readonly before: Tensor<'float32'>;
  /** float32, of the same shape: those that it gave. */
  readonly after: Tensor<'float32'>;
  readonly kernelMs: number;
}

/** What the blocks after the first one gave. */
export interface RemainingBlocksResult {
  /** float32 [batch, tokens, width]. */
  readonly hidden: Tensor<'float32'>;
  readonly kernelMs: number;
}

/** The transformer in three parts, which one after another are the whole. Hidden states are float32 [batch, tokens, width]. */
export interface SplitTransformer {
  firstBlock(step: TransformerStep): Promise<FirstBlockResult>;
  /** From the hidden states after the first block to those after the last one. */
  remainingBlocks(step: TransformerStep, hidden: Tensor<'float32'>): Promise<RemainingBlocksResult>;
  /** From the hidden states after the last block to velocities. */
  head(step: TransformerStep, hidden: Tensor<'float32'>): ReturnType<Transformer>;
}

/**
 * Makes a transformer of a split one for a batch of trajectories that cache: the first block and the head run with all rows, the
 * remaining blocks with the rows of those trajectories that need them.
 *
 * Each trajectory decides by its own rows. All blocks are computed in its first and its last step. When a pass fails, no cache has changed.
 */
export function cachingTransformer(split: SplitTransformer, trajectories: readonly Trajectory[]): Transformer {
  return async (step) => {
    const { before, after, kernelMs: firstMs } = await split.firstBlock(step);
    const rowSize = after.data.length / step.timesteps.data.length;
    const plans = planOf(trajectories, before.data, after.data, rowSize);

    // 1. The hidden states after the last block: computed for the rows that need it, and for others guessed.
    const hidden = tensor('float32', after.shape, after.data.slice());
    const rows = plans.filter(({ cached }) => cached === undefined).flatMap((plan) => plan.rows);
    let remainingMs = 0;
    if (rows.length > 0) {
      const remaining = await split.remainingBlocks(pickStep(step, rows), pickRows(after, rows));
      rows.forEach((row, i) => {
        hidden.data.set(remaining.hidden.data.subarray(i * rowSize, (i + 1) * rowSize), row * rowSize);
      });
      remainingMs = remaining.kernelMs;
    }
    for (const { cached, start, end } of plans) {
      if (cached) add(hidden.data.subarray(start, end), cached);
    }

    // 2. Their velocities; after that nothing fails, and what was computed is remembered.
    const { velocities, kernelMs: headMs } = await split.head(step, hidden);
    for (const { cache, cached, firstBlock, start, end } of plans) {
      const remainingBlocks = () => difference(hidden.data.subarray(start, end), after.data.subarray(start, end));
      cache.afterPass(cached === undefined ? { firstBlock, remainingBlocks: remainingBlocks() } : undefined);
    }
    return { velocities, kernelMs: firstMs + remainingMs + headMs };
  };
}

/** How one trajectory makes a pass. */
interface Plan {
  readonly cache: FirstBlockCache;
  /** Its rows in the batch. */
  readonly rows: readonly number[];
  /** Their elements in the hidden states. */
  readonly start: number;
  readonly end: number;
  /** What the first block added to them. */
  readonly firstBlock: Float32Array;
  /** What stands for the remaining blocks; undefined where they are to be computed. */
  readonly cached: Float32Array | undefined;
}

function planOf(trajectories: readonly Trajectory[], before: Float32Array, after: Float32Array, rowSize: number): Plan[] {
  let nextRow = 0;
  return trajectories.map((trajectory) => {
    const cache = trajectory.cache as FirstBlockCache;
    const rows = trajectory.rows.map(() => nextRow++);
    const start = (rows[0] as number) * rowSize;
    const end = start + rows.length * rowSize;
    const firstBlock = difference(after.subarray(start, end), before.subarray(start, end));
    const isInner = trajectory.step > 0 && trajectory.step < trajectory.steps - 1;
    return { cache, rows, start, end, firstBlock, cached: isInner ? cache.lookUp(firstBlock) : undefined };
  });
}

/** Returns a - b. */
function difference(a: Float32Array, b: Float32Array): Float32Array {
  const result = new Float32Array(a.length);
  for (let i = 0; i < a.length; i++) {
    result[i] = (a[i] as number) - (b[i] as number);
  }
  return result;
}

/** Adds b to a. */
function add(a: Float32Array, b: Float32Array): void {
  for (let i = 0; i < a.length; i++) {
    a[i] = (a[i] as number) + (b[i] as number);
  }
}

/** Copies rows of a step; all inputs have the batch as their first axis. */
function pickStep({ latents, timesteps, conditioning }: TransformerStep, rows: readonly number[]): TransformerStep {
  const picked = Object.entries(conditioning).map(([name, value]) => [name, pickRows(value, rows)] as const);
  return { latents: pickRows(latents, rows), timesteps: pickRows(timesteps, rows), conditioning: Object.fromEntries(picked) };
}

/** Copies rows of a tensor along its first axis. */
function pickRows<T extends DataType>(
  { dataType, shape: [batch = 0, ...rest], data }: Tensor<T>,
  rows: readonly number[],
): Tensor<T> {
  const size = data.length / batch;
  const picked = viewAs(dataType, new ArrayBuffer(rows.length * size * elementSize(dataType)));
  rows.forEach((row, i) => {
    (picked as Float32Array).set(data.subarray(row * size, (row + 1) * size) as Float32Array, i * size);
  });
  return tensor(dataType, [rows.length, ...rest], picked);
}
