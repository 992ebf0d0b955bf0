/** Batching on an analytic graph, whose device is idle, busy or broken as each test wants it. */
import { type Tensor, tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import { isBatchInvariant, RowBatcher, type RowBatcherOptions, type RowGraph } from './row-batcher.js';

const row = (...values: number[]) => tensor('float32', [1, 1, 1, values.length], Float32Array.from(values));
const doubled = (rows: Tensor<'float32'>) =>
  tensor(
    'float32',
    rows.shape,
    rows.data.map((value) => 2 * value),
  );

/** A graph that doubles, remembering the rows of its runs. */
function doubler(kernelMs: (rows: number) => number, fails: (rows: Tensor<'float32'>) => boolean = () => false) {
  const runs: number[] = [];
  const graph: RowGraph = async (rows) => {
    const count = rows.shape[0] as number;
    runs.push(count);
    await new Promise(setImmediate);
    if (fails(rows)) throw new Error('out of memory');
    return { output: doubled(rows), kernelMs: kernelMs(count) };
  };
  return { runs, graph };
}

const options = (overrides: Partial<RowBatcherOptions> = {}): RowBatcherOptions => ({
  rowsThatFit: () => 8,
  alone: false,
  ...overrides,
});

describe('RowBatcher', () => {
  it('gives everyone their own output and share of the time, and batches once it has measured that it pays', async () => {
    const { runs, graph } = doubler((rows) => 8 + rows);
    const batcher = new RowBatcher(graph, options());
    const results = await Promise.all(Array.from({ length: 60 }, (_, i) => batcher.run(row(i, -i))));
    expect(results.map(({ output }) => [...output.data])).toEqual(results.map((_, i) => [2 * i, -2 * i]));
    expect(runs.slice(0, 6)).toEqual([1, 1, 1, 2, 2, 2]);
    expect(runs).toContain(8);
    expect(results.reduce((sum, { kernelMs }) => sum + kernelMs, 0)).toBeCloseTo(
      runs.reduce((sum, rows) => sum + 8 + rows, 0),
      6,
    );
  });

  it('lets only equal shapes share a run, and nobody overtake the first', async () => {
    const { graph, runs } = doubler((rows) => 8 + rows);
    const batcher = new RowBatcher(graph, options());
    const done: number[] = [];
    const ask = async (width: number) => {
      const { output } = await batcher.run(row(...Array(width).fill(1)));
      expect(output.shape).toEqual([1, 1, 1, width]);
      done.push(width);
    };
    await Promise.all([ask(3), ask(2), ask(3), ask(3)]);
    expect(done).toEqual([3, 2, 3, 3]);
    expect(runs).toEqual([1, 1, 1, 1]);
  });

  it.each([
    ['as it is told', { alone: true }],
    ['where memory has no room for more', { rowsThatFit: () => 1 }],
    ['where memory has no room even for one', { rowsThatFit: () => 0 }],
  ])('keeps rows alone %s', async (_, overrides) => {
    const { runs, graph } = doubler(() => 1);
    const batcher = new RowBatcher(graph, options(overrides));
    await Promise.all(Array.from({ length: 20 }, (_, i) => batcher.run(row(i))));
    expect(new Set(runs)).toEqual(new Set([1]));
  });

  it('fails what is wrong alone, and not its company', async () => {
    const { graph, runs } = doubler(
      (rows) => 8 + rows,
      ({ data }) => data.includes(33),
    );
    const batcher = new RowBatcher(graph, options());
    const results = await Promise.allSettled(Array.from({ length: 60 }, (_, i) => batcher.run(row(i))));
    expect(results.map(({ status }) => status)).toEqual(results.map((_, i) => (i === 33 ? 'rejected' : 'fulfilled')));
    expect(Math.max(...runs)).toBe(8);
    await expect(batcher.run(row(33))).rejects.toThrow('out of memory');
    expect((await batcher.run(row(1))).output.data[0]).toBe(2);
  });

  it('gives up sharing where shared runs always fail', async () => {
    const { graph, runs } = doubler(
      () => 1,
      ({ shape }) => (shape[0] as number) > 1,
    );
    const batcher = new RowBatcher(graph, options());
    await Promise.all(Array.from({ length: 40 }, (_, i) => batcher.run(row(i))));
    expect(runs.filter((rows) => rows > 1)).toHaveLength(3);
  });
});

describe('isBatchInvariant', () => {
  it('is true where rows know nothing of each other', async () => {
    expect(await isBatchInvariant(doubler(() => 1).graph, [1, 2, 3, 4])).toBe(true);
  });

  it('is false where company changes one bit of one row', async () => {
    const graph: RowGraph = async (rows) => {
      const output = doubled(rows);
      // Adds up in another order in the last of eight rows, as a kernel with another tile would.
      if (rows.shape[0] === 8) output.data.set([(output.data.at(-1) as number) * (1 + 2 ** -23)], output.data.length - 1);
      return { output, kernelMs: 1 };
    };
    expect(await isBatchInvariant(graph, [1, 2, 3, 4])).toBe(false);
  });
});
