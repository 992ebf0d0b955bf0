import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OnnxSession } from '@darkroom/onnx-pipeline';
import { tensor } from '@darkroom/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convertGraph } from './convert-graph.js';
import type { GraphNode, QuantizedWeight } from './graph-model.js';
import { encodeOnnx } from './onnx-file.js';

const text = (value: string) => Buffer.from(value).toString('base64');
const ints = (...values: number[]) => ({ list: { i: values.map(String) } });

const nodes: GraphNode[] = [
  { name: 'input', op: 'Placeholder' },
  { name: 'kernel', op: 'Const' },
  {
    name: 'conv',
    op: '_FusedConv2D',
    input: ['input', 'kernel', 'bias'],
    attr: {
      data_format: { s: text('NHWC') },
      padding: { s: text('SAME') },
      strides: ints(1, 2, 2, 1),
      dilations: ints(1, 1, 1, 1),
      fused_ops: { list: { s: [text('BiasAdd'), text('Relu6')] } },
    },
  },
  {
    name: 'pool',
    op: 'AvgPool',
    input: ['conv'],
    attr: { ksize: ints(1, 2, 2, 1), strides: ints(1, 1, 1, 1), padding: { s: text('VALID') } },
  },
  { name: 'flat', op: 'Squeeze', input: ['pool'], attr: { squeeze_dims: ints(1, 2) } },
  { name: 'out', op: 'Identity', input: ['flat'] },
];

/** A 3x3 kernel of ones that sums all three channels, stored as bytes. */
const weights = new Map<string, QuantizedWeight>([
  ['kernel', { shape: [3, 3, 3, 1], bytes: new Uint8Array(27).fill(3), scale: 0.5, min: -0.5 }],
  ['bias', { shape: [1], bytes: Uint8Array.of(1), scale: 1, min: -2 }],
]);
const options = { name: 'small', doc: 'A convolution.', inputShape: [4, 4, 3], classCount: 1 } as const;

describe('a converted graph', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'convert-nsfwjs-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('computes in ONNX Runtime what TensorFlow defines', async () => {
    const path = join(folder, 'small.onnx');
    await writeFile(path, encodeOnnx(convertGraph(nodes, weights, options)));
    const session = await OnnxSession.load({ path, threads: 1 });
    const pixels = tensor('float32', [1, 4, 4, 3], new Float32Array(48).fill(0.1));
    const { outputs } = await session.run({ pixels });
    await session.close();
    // SAME with stride 2 on a side of 4 pads one row after: windows of 3x3, 3x2, 2x3 and 2x2 pixels, three channels of 0.1 each, minus
    // the bias of 1, cut off at 0 and 6, then averaged.
    const sums = [9, 6, 6, 4].map((count) => Math.min(6, Math.max(0, count * 0.3 - 1)));
    expect(outputs['probabilities']?.shape).toEqual([1, 1]);
    expect(outputs['probabilities']?.data[0]).toBeCloseTo(sums.reduce((a, b) => a + b) / 4, 5);
  });

  it('refuses what it does not know, naming the node', () => {
    const convert = (node: GraphNode) => () => convertGraph([...nodes.slice(0, 2), node], weights, options);
    expect(convert({ name: 'odd', op: 'Erf', input: ['input'] })).toThrow('operator Erf (odd)');
    const conv = nodes[2] as GraphNode;
    const wrong = (attr: GraphNode['attr']) => convert({ ...conv, attr: { ...conv.attr, ...attr } });
    expect(wrong({ data_format: { s: text('NCHW') } })).toThrow('conv: only NHWC');
    expect(wrong({ padding: { s: text('EXPLICIT') } })).toThrow('conv: padding EXPLICIT');
    expect(wrong({ fused_ops: { list: { s: [text('BiasAdd'), text('Elu')] } } })).toThrow('conv: fused operators BiasAdd, Elu');
  });
});
