import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Tensor, tensor } from '@darkroom/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Session } from '../session/session.js';
import { concatenate, fieldsOf, lengthDelimited, textsOf, wholeNumber } from './protobuf.js';
import { extractSubgraph } from './subgraph.js';

const name = (field: number, value: string) => lengthDelimited(field, value);
const message = (field: number, ...parts: Uint8Array[]) => lengthDelimited(field, parts);

/** NodeProto, as a field of a graph. */
const node = (opType: string, inputs: readonly string[], output: string, ...attributes: Uint8Array[]) =>
  message(1, ...inputs.map((input) => name(1, input)), name(2, output), name(4, opType), ...attributes);

/** ValueInfoProto of float32 [2], as a field of a graph: 11 for inputs, 12 for outputs. */
const value = (field: number, label: string) => {
  const shape = message(2, message(1, wholeNumber(1, 2)));
  return message(field, name(1, label), message(2, message(1, wholeNumber(1, 1), shape)));
};

const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);

/** TensorProto of float32 [2] in the graph itself. */
const weight = (label: string, ...values: number[]) =>
  message(5, wholeNumber(1, 2), wholeNumber(2, 1), name(8, label), lengthDelimited(9, [floats(...values)]));

/** TensorProto of float32 [2] at an offset of the file "weights". */
const externalWeight = (label: string, offset: number) => {
  const entry = (key: string, text: string) => message(13, name(1, key), name(2, text));
  const place = [entry('location', 'weights'), entry('offset', String(offset)), entry('length', '8')];
  return message(5, wholeNumber(1, 2), wholeNumber(2, 1), name(8, label), ...place, wholeNumber(14, 1));
};

const modelOf = (...graph: Uint8Array[]) =>
  concatenate([wholeNumber(1, 8), name(2, 'darkroom'), message(7, ...graph, name(2, 'spec')), message(8, wholeNumber(2, 16))]);

/** sum = x + inner; product = sum * outer; out = product - x. */
const model = modelOf(
  node('Add', ['x', 'inner'], 'sum'),
  node('Mul', ['sum', 'outer'], 'product'),
  node('Sub', ['product', 'x'], 'out'),
  externalWeight('inner', 8),
  weight('outer', 3, 5),
  value(11, 'x'),
  value(12, 'out'),
);

const x = tensor('float32', [2], Float32Array.of(1, 2));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'subgraph-'));
  await writeFile(join(folder, 'weights'), floats(0, 0, 10, 20));
});
afterEach(() => rm(folder, { recursive: true }));

/** Texts of one field in all messages of a graph's field. */
function namesIn(bytes: Uint8Array, field: number, nameField: number): string[] {
  const graph = fieldsOf(bytes).find(({ number }) => number === 7);
  const messages = fieldsOf(graph?.value as Uint8Array).filter(({ number }) => number === field);
  return messages.flatMap((each) => textsOf(fieldsOf(each.value), nameField));
}

const operatorsOf = (bytes: Uint8Array) => namesIn(bytes, 1, 4);

const load = (bytes: Uint8Array) => Session.loadBytes(join(folder, 'model.onnx'), bytes, { threads: 1 });

async function run(session: Session, inputs: Readonly<Record<string, Tensor>>) {
  const { outputs } = await session.run(inputs);
  return Object.fromEntries(Object.entries(outputs).map(([label, { data }]) => [label, [...(data as Float32Array)]]));
}

describe('a subgraph', () => {
  it('up to some tensors takes the inputs of the graph, and finds its external data', async () => {
    const session = await load(extractSubgraph(model, { inputs: [], outputs: ['sum', 'product'] }));
    expect(session.inputNames).toEqual(['x']);
    expect(await run(session, { x })).toEqual({ sum: [11, 22], product: [33, 110] });
  });

  it('from a tensor on takes it, and of the inputs what it still needs', async () => {
    const session = await load(extractSubgraph(model, { inputs: ['product'], outputs: ['out'] }));
    expect([...session.inputNames].sort()).toEqual(['product', 'x']);
    expect(await run(session, { product: tensor('float32', [2], Float32Array.of(7, 7)), x })).toEqual({ out: [6, 5] });
  });

  it('holds no node and no weight that it does not need', () => {
    const cut = extractSubgraph(model, { inputs: ['sum'], outputs: ['product'] });
    expect(operatorsOf(cut)).toEqual(['Mul']);
    expect(namesIn(cut, 5, 8)).toEqual(['outer']);
    expect(namesIn(cut, 11, 1)).toEqual(['sum']);
    expect(namesIn(cut, 12, 1)).toEqual(['product']);
  });

  it('keeps what only a graph inside a node needs', async () => {
    const branch = (label: string, ...parts: Uint8Array[]) =>
      message(5, name(1, label), message(6, ...parts, name(2, label)), wholeNumber(20, 5));
    const conditional = modelOf(
      node('Mul', ['x', 'outer'], 'scaled'),
      node('Neg', ['x'], 'unused'),
      node('Cast', ['number'], 'flag', message(5, name(1, 'to'), wholeNumber(3, 9), wholeNumber(20, 2))),
      node(
        'If',
        ['flag'],
        'chosen',
        branch('then_branch', node('Identity', ['scaled'], 'yes'), value(12, 'yes')),
        branch('else_branch', node('Identity', ['x'], 'no'), value(12, 'no')),
      ),
      weight('outer', 3, 5),
      value(11, 'x'),
      message(11, name(1, 'number'), message(2, message(1, wholeNumber(1, 1), message(2)))),
      value(12, 'chosen'),
    );
    const session = await load(extractSubgraph(conditional, { inputs: [], outputs: ['chosen'] }));
    const number = (value: number) => tensor('float32', [], Float32Array.of(value));
    expect(await run(session, { x, number: number(1) })).toEqual({ chosen: [3, 10] });
    expect(await run(session, { x, number: number(0) })).toEqual({ chosen: [1, 2] });
  });

  it('takes inputs and outputs that are left out for no tensor', () => {
    const omitting = modelOf(
      node('Dropout', ['x'], ''),
      node('Clip', ['x', '', 'outer'], 'clipped'),
      weight('outer', 3, 5),
      value(11, 'x'),
      value(12, 'clipped'),
    );
    expect(operatorsOf(extractSubgraph(omitting, { inputs: [], outputs: ['clipped'] }))).toEqual(['Clip']);
  });

  it('is refused where the graph has no such tensor, or the bytes are no graph', () => {
    expect(() => extractSubgraph(model, { inputs: ['summ'], outputs: ['out'] })).toThrow('the graph has no tensor summ');
    expect(() => extractSubgraph(model.subarray(0, model.length - 1), { inputs: [], outputs: ['out'] })).toThrow(RangeError);
  });
});
