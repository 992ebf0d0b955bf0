import { type DataType, elementSize, type TensorData, viewAs } from './data-type.js';

/** Lengths of a tensor's axes, outermost first. */
export type Shape = readonly number[];

/** A dense row-major tensor; plain data, so it crosses threads by structured clone or transfer. */
export interface Tensor<T extends DataType = DataType> {
  readonly dataType: T;
  readonly shape: Shape;
  readonly data: TensorData[T];
}

/** Tensors by the name of the graph input they feed or the output they came from. */
export type NamedTensors = Readonly<Record<string, Tensor>>;

/**
 * Makes a tensor of existing data.
 *
 * @throws RangeError when the data does not have exactly as many elements as the shape.
 */
export function tensor<T extends DataType>(dataType: T, shape: Shape, data: TensorData[T]): Tensor<T> {
  const expected = elementCount(shape);
  if (data.length !== expected) {
    throw new RangeError(
      `a ${dataType} tensor of shape [${shape.join(', ')}] has ${expected} elements, but the data has ${data.length}`,
    );
  }
  return { dataType, shape, data };
}

/**
 * Counts the elements of a shape; the empty shape is a scalar and has one.
 *
 * @throws RangeError when an axis is not a whole number of at least 0.
 */
export function elementCount(shape: Shape): number {
  let count = 1;
  for (const length of shape) {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(`a tensor's axes are whole numbers of at least 0, not [${shape.join(', ')}]`);
    }
    count *= length;
  }
  return count;
}

/** Tells whether two shapes have the same axes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/**
 * Narrows a tensor to one element type.
 *
 * @throws TypeError when its elements are of another type; the message names the tensor.
 */
export function expectDataType<T extends DataType>(value: Tensor, dataType: T, name: string): Tensor<T> {
  if (value.dataType !== dataType) {
    throw new TypeError(`${name} is ${value.dataType}, but ${dataType} is needed`);
  }
  return value as Tensor<T>;
}

/** Views a tensor's elements as little-endian bytes, without copying. */
export function tensorToBytes(value: Tensor): Uint8Array {
  assertLittleEndian();
  return new Uint8Array(value.data.buffer, value.data.byteOffset, value.data.byteLength);
}

/**
 * Reads a tensor from little-endian bytes; copies them, since a slice of a message is rarely aligned.
 *
 * @throws RangeError when the bytes are not exactly the shape's.
 */
export function tensorFromBytes<T extends DataType>(dataType: T, shape: Shape, bytes: Uint8Array): Tensor<T> {
  assertLittleEndian();
  const expected = elementCount(shape) * elementSize(dataType);
  if (bytes.byteLength !== expected) {
    throw new RangeError(
      `a ${dataType} tensor of shape [${shape.join(', ')}] takes ${expected} bytes, but ${bytes.byteLength} came`,
    );
  }
  const copy = new Uint8Array(expected);
  copy.set(bytes);
  return { dataType, shape, data: viewAs(dataType, copy.buffer) };
}

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Every platform Node.js has binaries of ONNX Runtime for is little endian; this keeps the claim honest elsewhere. */
function assertLittleEndian(): void {
  if (!littleEndian) {
    throw new Error('tensors travel as little-endian bytes, and this machine is big endian');
  }
}
