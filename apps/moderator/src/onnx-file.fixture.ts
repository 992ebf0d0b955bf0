/** ONNX files of a few nodes, made up by the specs that run them; field numbers are those of onnx.proto. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** A field of a protobuf message: its number, and a text, a number, or messages under it. */
type Field = readonly [number: number, value: string | number | Uint8Array];

/** Element types of ONNX's TensorProto. */
export const elementTypes = { float32: 1, int64: 7 } as const;

function message(...fields: readonly Field[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, value] of fields) {
    if (typeof value === 'number') writer.uint32(number << 3).int64(value);
    else if (typeof value === 'string') writer.uint32((number << 3) | 2).string(value);
    else writer.uint32((number << 3) | 2).bytes(value);
  }
  return writer.finish();
}

/** A node; its attributes are whole numbers, or lists of them. */
export function node(
  type: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): Uint8Array {
  const listed = Object.entries(attributes).map(([name, value]): Field => {
    if (typeof value === 'number') return [5, message([1, name], [3, value], [20, 2])];
    return [5, message([1, name], ...value.map((one): Field => [8, one]), [20, 7])];
  });
  return message(...inputs.map((input): Field => [1, input]), [2, output], [4, type], ...listed);
}

/** An input or output; dimensions by their sizes, or by names where they vary. */
export function value(name: string, type: keyof typeof elementTypes, ...dimensions: readonly (number | string)[]): Uint8Array {
  const shape = dimensions.map((size): Field => [1, typeof size === 'number' ? message([1, size]) : message([2, size])]);
  return message([1, name], [2, message([1, message([1, elementTypes[type]], [2, message(...shape)])])]);
}

/** Constants that come with the graph. */
export function constant(name: string, data: Float32Array | BigInt64Array, ...dimensions: readonly number[]): Uint8Array {
  const type = data instanceof Float32Array ? elementTypes.float32 : elementTypes.int64;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(...dimensions.map((size): Field => [1, size]), [2, type], [8, name], [9, bytes]);
}

/** A whole file. */
export function onnxFile(graph: {
  readonly nodes: readonly Uint8Array[];
  readonly constants?: readonly Uint8Array[];
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}): Uint8Array {
  const all = (number: number, messages: readonly Uint8Array[] = []) => messages.map((one): Field => [number, one]);
  const fields = [...all(1, graph.nodes), ...all(5, graph.constants), ...all(11, graph.inputs), ...all(12, graph.outputs)];
  return message([1, 8], [7, message([2, 'graph'], ...fields)], [8, message([1, ''], [2, 13])]);
}
