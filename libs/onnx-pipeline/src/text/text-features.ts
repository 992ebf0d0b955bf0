import { type NamedTensors, tensor } from '@darkroom/tensor';

/** Splits texts into windows, each as long as a graph looks at a time, and feeds them to it. */
export interface TextFeatures {
  /** Names of the graph's inputs. */
  readonly inputs: readonly string[];
  /** Returns the numbers of each window of a text; a text without words may have none. */
  windows(text: string): Iterable<readonly number[]>;
  /** Makes the inputs of some windows, int64 [windows, length] each; those that are shorter than the longest are padded. */
  feed(windows: readonly (readonly number[])[]): NamedTensors;
}

/** Lays rows of different lengths into int64 [rows, longest], what is missing filled up. */
export function padded(rows: readonly (readonly number[])[], filler: number) {
  const length = Math.max(...rows.map((row) => row.length));
  const ids = new BigInt64Array(rows.length * length).fill(BigInt(filler));
  rows.forEach((row, at) => {
    row.forEach((id, column) => {
      ids[at * length + column] = BigInt(id);
    });
  });
  return tensor('int64', [rows.length, length], ids);
}
