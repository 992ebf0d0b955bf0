import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** A field of a protobuf message: its number, and a text, a number, or messages under it. */
type Field = readonly [number: number, value: string | number | Uint8Array];

function message(...fields: readonly Field[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, value] of fields) {
    if (typeof value === 'number') writer.uint32(number << 3).int64(value);
    else if (typeof value === 'string') writer.uint32((number << 3) | 2).string(value);
    else writer.uint32((number << 3) | 2).bytes(value);
  }
  return writer.finish();
}

/** A node, by the numbers of ONNX's NodeProto. */
const node = (type: string, input: string, output: string) => message([1, input], [2, output], [4, type]);

/** A float32 value, by the numbers of ONNX's ValueInfoProto. */
const value = (name: string, ...dimensions: readonly number[]) =>
  message(
    [1, name],
    [2, message([1, message([1, 1], [2, message(...dimensions.map((size): Field => [1, message([1, size])]))])])],
  );

/** Writes an ONNX model that gives the mean of each channel of [1, 3, side, side]: what its three classes are can be told by hand. */
export function meanColourModel(side: number): Uint8Array {
  const graph = message(
    [1, node('GlobalAveragePool', 'pixels', 'means')],
    [1, node('Flatten', 'means', 'logits')],
    [2, 'mean_colour'],
    [11, value('pixels', 1, 3, side, side)],
    [12, value('logits', 1, 3)],
  );
  return message([1, 8], [7, graph], [8, message([1, ''], [2, 13])]);
}
