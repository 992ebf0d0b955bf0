import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** A constant of an ONNX graph. */
export interface Initializer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array | BigInt64Array;
}

/** An attribute of an ONNX node: whole numbers, or a string. */
export type Attribute = number | readonly number[] | string;

/** One operator of an ONNX graph. */
export interface OnnxNode {
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A float32 input or output; an axis is a length, or a name where it varies. */
export interface ValueInfo {
  readonly name: string;
  readonly shape: readonly (number | string)[];
}

/** Everything that goes into an ONNX file. */
export interface OnnxGraph {
  readonly name: string;
  readonly doc: string;
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

// Numbers of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), which never change meaning.
const IR_VERSION = 8;
const ElementType = { float: 1, uint8: 2, int64: 7 } as const;
const AttributeType = { int: 2, string: 3, ints: 7 } as const;

/** Encodes a graph as the bytes of an ONNX file (a ModelProto). */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const model = new BinaryWriter();
  model.uint32(tag(1, WireType.Varint)).int64(IR_VERSION);
  text(model, 2, 'darkroom convert-nsfwjs');
  text(model, 6, graph.doc);
  message(model, 7, (writer) => writeGraph(writer, graph));
  message(model, 8, (opset) => opset.uint32(tag(2, WireType.Varint)).int64(graph.opset));
  return model.finish();
}

function writeGraph(writer: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) message(writer, 1, (nested) => writeNode(nested, node));
  text(writer, 2, graph.name);
  for (const initializer of graph.initializers) message(writer, 5, (nested) => writeInitializer(nested, initializer));
  for (const value of graph.inputs) message(writer, 11, (nested) => writeValueInfo(nested, value));
  for (const value of graph.outputs) message(writer, 12, (nested) => writeValueInfo(nested, value));
}

function writeNode(writer: BinaryWriter, { opType, inputs, output, attributes = {} }: OnnxNode): void {
  for (const input of inputs) text(writer, 1, input);
  text(writer, 2, output);
  text(writer, 3, output);
  text(writer, 4, opType);
  for (const [name, value] of Object.entries(attributes)) {
    message(writer, 5, (attribute) => {
      text(attribute, 1, name);
      if (typeof value === 'number') attribute.uint32(tag(3, WireType.Varint)).int64(value);
      else if (typeof value === 'string') text(attribute, 4, value);
      else for (const item of value) attribute.uint32(tag(8, WireType.Varint)).int64(item);
      const type = typeof value === 'number' ? 'int' : typeof value === 'string' ? 'string' : 'ints';
      attribute.uint32(tag(20, WireType.Varint)).int32(AttributeType[type]);
    });
  }
}

function writeInitializer(writer: BinaryWriter, { name, shape, data }: Initializer): void {
  for (const side of shape) writer.uint32(tag(1, WireType.Varint)).int64(side);
  const type = data instanceof Float32Array ? 'float' : data instanceof Uint8Array ? 'uint8' : 'int64';
  writer.uint32(tag(2, WireType.Varint)).int32(ElementType[type]);
  text(writer, 8, name);
  writer.uint32(tag(9, WireType.LengthDelimited)).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValueInfo(writer: BinaryWriter, { name, shape }: ValueInfo): void {
  text(writer, 1, name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      tensor.uint32(tag(1, WireType.Varint)).int32(ElementType.float);
      message(tensor, 2, (axes) => {
        for (const side of shape) {
          message(axes, 1, (axis) => {
            if (typeof side === 'number') axis.uint32(tag(1, WireType.Varint)).int64(side);
            else text(axis, 2, side);
          });
        }
      });
    }),
  );
}

function tag(field: number, type: WireType): number {
  return (field << 3) | type;
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.uint32(tag(field, WireType.LengthDelimited)).string(value);
}

function message(writer: BinaryWriter, field: number, write: (nested: BinaryWriter) => void): void {
  writer.uint32(tag(field, WireType.LengthDelimited)).fork();
  write(writer);
  writer.join();
}
