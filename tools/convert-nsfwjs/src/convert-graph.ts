import { type AttributeValue, dequantize, type GraphNode, permuteAxes, type QuantizedWeight } from './graph-model.js';
import type { Attribute, Initializer, OnnxGraph, OnnxNode } from './onnx-file.js';

/** What the converted graph is called and where it begins and ends. */
export interface ConvertOptions {
  readonly name: string;
  readonly doc: string;
  /** Side of the square input, and channels. */
  readonly inputShape: readonly [number, number, number];
  /** Length of the output. */
  readonly classCount: number;
}

/** Name of the converted graph's input: float32 [batch, height, width, 3], each value in [0, 1]. */
export const inputName = 'pixels';
/** Name of the converted graph's output: float32 [batch, classes], adding up to 1. */
export const outputName = 'probabilities';

const OPSET = 17;
const CAST_TO_FLOAT = 1;

/**
 * Converts a TensorFlow.js image classifier to ONNX.
 *
 * Pictures come in as [batch, height, width, channels] and are turned once to ONNX's [batch, channels, height, width]. Weights
 * of convolutions stay the bytes they were; the graph turns them into floats, which ONNX Runtime does once, while loading.
 *
 * @throws Error naming the node whose operator, layout or activation is none of those that the classifier uses.
 */
export function convertGraph(
  nodes: readonly GraphNode[],
  weights: ReadonlyMap<string, QuantizedWeight>,
  options: ConvertOptions,
): OnnxGraph {
  const converter = new Converter(weights);
  for (const node of nodes) converter.convert(node);
  return {
    name: options.name,
    doc: options.doc,
    opset: OPSET,
    nodes: converter.nodes,
    initializers: converter.initializers,
    inputs: [{ name: inputName, shape: ['batch', ...options.inputShape] }],
    outputs: [{ name: outputName, shape: ['batch', options.classCount] }],
  };
}

class Converter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: Initializer[] = [];
  readonly #weights: ReadonlyMap<string, QuantizedWeight>;
  /** ONNX value by the TensorFlow node that makes it. */
  readonly #values = new Map<string, string>();
  #count = 0;

  constructor(weights: ReadonlyMap<string, QuantizedWeight>) {
    this.#weights = weights;
  }

  convert(node: GraphNode): void {
    const [first = '', second = '', third = ''] = node.input ?? [];
    switch (node.op) {
      case 'Const':
        return;
      case 'Placeholder':
        this.#emit(node, 'Transpose', [inputName], { perm: [0, 3, 1, 2] });
        return;
      case 'Mul':
      case 'Sub':
        this.#emit(node, node.op, [this.#operand(first), this.#operand(second)]);
        return;
      case 'AddV2':
        this.#emit(node, 'Add', [this.#value(first), this.#value(second)]);
        return;
      case '_FusedConv2D':
        this.#convolution(node, first, permuteAxes(this.#weight(second), [3, 2, 0, 1]), third, 1);
        return;
      case 'FusedDepthwiseConv2dNative': {
        const weight = this.#weight(second);
        // [h, w, channels, multiplier] becomes [channels * multiplier, 1, h, w]; the multiplier is 1 in MobileNet.
        if (weight.shape[3] !== 1) throw new Error(`${node.name}: a depth multiplier other than 1 is not known`);
        this.#convolution(node, first, permuteAxes(weight, [2, 3, 0, 1]), third, weight.shape[2] ?? 0);
        return;
      }
      case 'AvgPool': {
        if (stringAttribute(node, 'padding') !== 'VALID') throw new Error(`${node.name}: only VALID pooling is known`);
        this.#emit(node, 'AveragePool', [this.#value(first)], {
          kernel_shape: spatial(node, 'ksize'),
          strides: spatial(node, 'strides'),
        });
        return;
      }
      case 'Squeeze':
        if (String(integers(node, 'squeeze_dims')) !== '1,2') throw new Error(`${node.name}: squeezes other axes than [1, 2]`);
        this.#emit(node, 'Squeeze', [this.#value(first), this.#constant('axes', [2], BigInt64Array.of(2n, 3n))]);
        return;
      case '_FusedMatMul': {
        if (node.attr?.['transpose_a']?.b || node.attr?.['transpose_b']?.b) throw new Error(`${node.name}: transposed operands`);
        expectFused(node, ['BiasAdd']);
        const weight = this.#floatOf(this.#weight(second));
        this.#emit(node, 'Gemm', [this.#value(first), weight, this.#floats(third)]);
        return;
      }
      case 'Softmax':
        this.#emit(node, 'Softmax', [this.#value(first)], { axis: -1 });
        return;
      case 'Identity':
        this.nodes.push({ opType: 'Identity', inputs: [this.#value(first)], output: outputName });
        return;
      default:
        throw new Error(`operator ${node.op} (${node.name}) is not known to this converter`);
    }
  }

  #convolution(node: GraphNode, input: string, weight: QuantizedWeight, bias: string, group: number): void {
    if (stringAttribute(node, 'data_format') !== 'NHWC') throw new Error(`${node.name}: only NHWC is known`);
    const padding = stringAttribute(node, 'padding');
    if (padding !== 'SAME') throw new Error(`${node.name}: padding ${padding} is not known`);
    const activation = expectFused(node, ['BiasAdd'], ['BiasAdd', 'Relu6']);
    const attributes = {
      // TensorFlow's SAME puts the odd row and column of padding last.
      auto_pad: 'SAME_UPPER',
      kernel_shape: weight.shape.slice(2),
      strides: spatial(node, 'strides'),
      dilations: spatial(node, 'dilations'),
      group,
    };
    const inputs = [this.#value(input), this.#floatOf(weight), this.#floats(bias)];
    const convolved = this.#push('Conv', inputs, attributes);
    const output = activation.includes('Relu6')
      ? this.#push('Clip', [convolved, this.#scalar('relu6_min', 0), this.#scalar('relu6_max', 6)])
      : convolved;
    this.#values.set(node.name, output);
  }

  #emit(node: GraphNode, opType: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): void {
    this.#values.set(node.name, this.#push(opType, inputs, attributes));
  }

  #push(opType: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): string {
    const output = `${opType.toLowerCase()}_${this.#count++}`;
    this.nodes.push({ opType, inputs, output, attributes });
    return output;
  }

  #value(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`nothing before it makes ${name}: the nodes are not in topological order`);
    return value;
  }

  #weight(name: string): QuantizedWeight {
    const weight = this.#weights.get(name);
    if (weight === undefined) throw new Error(`there is no weight ${name}`);
    return weight;
  }

  /** A value, or a small constant written as floats. */
  #operand(name: string): string {
    return this.#weights.has(name) ? this.#floats(name) : this.#value(name);
  }

  #floats(name: string): string {
    const weight = this.#weight(name);
    return this.#constant(`constant_${this.#count++}`, weight.shape, dequantize(weight));
  }

  /** Emits `Cast(bytes) * scale + min`, constant from ONNX Runtime's point of view. */
  #floatOf({ shape, bytes, scale, min }: QuantizedWeight): string {
    const stored = this.#constant(`weight_${this.#count++}`, shape, bytes);
    const cast = this.#push('Cast', [stored], { to: CAST_TO_FLOAT });
    const scaled = this.#push('Mul', [cast, this.#scalar(`${stored}_scale`, scale)]);
    return this.#push('Add', [scaled, this.#scalar(`${stored}_min`, min)]);
  }

  #scalar(name: string, value: number): string {
    return this.#constant(name, [], Float32Array.of(value));
  }

  #constant(name: string, shape: readonly number[], data: Initializer['data']): string {
    if (!this.initializers.some((known) => known.name === name)) this.initializers.push({ name, shape, data });
    return name;
  }
}

function expectFused(node: GraphNode, ...allowed: readonly string[][]): readonly string[] {
  const fused = (node.attr?.['fused_ops']?.list?.s ?? []).map(decodeText);
  if (!allowed.some((list) => String(list) === String(fused)))
    throw new Error(`${node.name}: fused operators ${fused.join(', ')}`);
  return fused;
}

function stringAttribute(node: GraphNode, name: string): string {
  return decodeText(attribute(node, name).s ?? '');
}

function integers(node: GraphNode, name: string): number[] {
  return (attribute(node, name).list?.i ?? []).map(Number);
}

/** The height and width of a four-axis NHWC attribute. */
function spatial(node: GraphNode, name: string): number[] {
  return integers(node, name).slice(1, 3);
}

function attribute(node: GraphNode, name: string): AttributeValue {
  const value = node.attr?.[name];
  if (value === undefined) throw new Error(`${node.name} has no attribute ${name}`);
  return value;
}

function decodeText(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8');
}
