/** The parts of a TensorFlow.js graph model that a converter needs. */

/** An attribute of a node, as protobuf's JSON mapping writes it: integers as strings, bytes as base64. */
export interface AttributeValue {
  readonly s?: string;
  readonly b?: boolean;
  readonly i?: string;
  readonly list?: { readonly i?: readonly string[]; readonly s?: readonly string[] };
}

/** One node of a TensorFlow graph. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, AttributeValue>>;
}

/** How a weight lies in the shards. */
export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: { readonly dtype: string; readonly scale: number; readonly min: number };
}

/** Content of a graph model's `model.json`. */
export interface GraphModel {
  readonly format: string;
  readonly modelTopology: { readonly node: readonly GraphNode[] };
  readonly weightsManifest: readonly { readonly paths: readonly string[]; readonly weights: readonly WeightEntry[] }[];
}

/** A weight stored as bytes, each standing for `byte * scale + min`; the shape is [h, w, in, out] or shorter. */
export interface QuantizedWeight {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  readonly scale: number;
  readonly min: number;
}

/**
 * Cuts the concatenated shards into weights.
 *
 * @throws Error when a weight is not float32 quantised to one byte, or the shards are longer or shorter than the manifest says.
 */
export function readWeights(entries: readonly WeightEntry[], shards: Uint8Array): Map<string, QuantizedWeight> {
  const weights = new Map<string, QuantizedWeight>();
  let offset = 0;
  for (const { name, shape, dtype, quantization } of entries) {
    if (dtype !== 'float32' || quantization?.dtype !== 'uint8') {
      throw new Error(`weight ${name} is ${dtype} (${quantization?.dtype ?? 'not quantised'}); only float32 as uint8 is known`);
    }
    const length = shape.reduce((product, side) => product * side, 1);
    if (offset + length > shards.length) throw new Error(`the shards end within weight ${name}`);
    weights.set(name, {
      shape,
      bytes: shards.slice(offset, offset + length),
      scale: quantization.scale,
      min: quantization.min,
    });
    offset += length;
  }
  if (offset !== shards.length) throw new Error(`the shards have ${shards.length - offset} bytes more than the manifest`);
  return weights;
}

/** Turns a quantised weight into the floats that TensorFlow.js computes with. */
export function dequantize({ bytes, scale, min }: QuantizedWeight): Float32Array {
  return Float32Array.from(bytes, (byte) => byte * scale + min);
}

/**
 * Reorders a weight's axes.
 *
 * @param order for each axis of the result, the axis of the input that it was; [3, 2, 0, 1] turns HWIO into OIHW.
 */
export function permuteAxes(weight: QuantizedWeight, order: readonly number[]): QuantizedWeight {
  const strides = rowMajorStrides(weight.shape);
  const shape = order.map((axis) => weight.shape[axis] ?? 0);
  const outStrides = rowMajorStrides(shape);
  const bytes = new Uint8Array(weight.bytes.length);
  for (let index = 0; index < bytes.length; index++) {
    let from = 0;
    let rest = index;
    for (let axis = 0; axis < shape.length; axis++) {
      const stride = outStrides[axis] ?? 1;
      from += Math.floor(rest / stride) * (strides[order[axis] ?? 0] ?? 1);
      rest %= stride;
    }
    bytes[index] = weight.bytes[from] ?? 0;
  }
  return { ...weight, shape, bytes };
}

function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  return strides;
}
