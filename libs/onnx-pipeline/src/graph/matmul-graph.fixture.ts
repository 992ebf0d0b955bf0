/** Real ONNX graphs of a few hundred bytes, made up by the specs that run them. */
import { concatenate, lengthDelimited, wholeNumber } from './protobuf.js';

/** How to make one. */
export interface MatMulGraph {
  /** Element type of input, weights and output. */
  readonly type: 'float32' | 'float16';
  /** Rows and columns of the weights. */
  readonly weightShape: readonly [number, number];
  /** The weights' bytes, row-major and little-endian, or the file beside the graph that begins with them. */
  readonly weights: Uint8Array | { readonly location: string; readonly length: number };
}

/** Encodes a graph `y = x weights` as an ONNX file: x is [n, rows], y is [n, columns]. Field numbers are those of onnx.proto. */
export function matMulGraph({ type, weightShape: [rows, columns], weights }: MatMulGraph): Uint8Array {
  const elementType = type === 'float32' ? 1 : 10;
  const tensor = [wholeNumber(1, rows), wholeNumber(1, columns), wholeNumber(2, elementType), lengthDelimited(8, 'weights')];
  if (weights instanceof Uint8Array) {
    tensor.push(lengthDelimited(9, [weights]));
  } else {
    tensor.push(dataEntry('location', weights.location), dataEntry('length', String(weights.length)), wholeNumber(14, 1));
  }
  const graph = [
    lengthDelimited(1, [
      lengthDelimited(1, 'x'),
      lengthDelimited(1, 'weights'),
      lengthDelimited(2, 'y'),
      lengthDelimited(4, 'MatMul'),
    ]),
    lengthDelimited(2, 'matmul'),
    lengthDelimited(5, tensor),
    lengthDelimited(11, value('x', elementType, rows)),
    lengthDelimited(12, value('y', elementType, columns)),
  ];
  return concatenate([wholeNumber(1, 8), lengthDelimited(7, graph), lengthDelimited(8, [wholeNumber(2, 17)])]);
}

function dataEntry(key: string, text: string): Uint8Array {
  return lengthDelimited(13, [lengthDelimited(1, key), lengthDelimited(2, text)]);
}

function value(name: string, elementType: number, length: number): Uint8Array[] {
  const shape = [lengthDelimited(1, [lengthDelimited(2, 'n')]), lengthDelimited(1, [wholeNumber(1, length)])];
  const tensorType = [wholeNumber(1, elementType), lengthDelimited(2, shape)];
  return [lengthDelimited(1, name), lengthDelimited(2, [lengthDelimited(1, tensorType)])];
}
