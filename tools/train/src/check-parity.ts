/**
 * Compares the exported model with torch: tokenizer ids exactly, ONNX graphs within the precision of half weights.
 *
 * Usage: python3 train.py parity && node src/check-parity.ts [--model FOLDER] [--tolerance 0.02]
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Tokenizer } from '@huggingface/tokenizers';
import * as ort from 'onnxruntime-node';

interface StoredTensor {
  readonly file: string;
  readonly type: 'float32' | 'int64';
  readonly dims: readonly number[];
}

interface ParityCase {
  readonly part: string;
  readonly inputs: Readonly<Record<string, StoredTensor>>;
  readonly outputs: Readonly<Record<string, StoredTensor>>;
}

interface ParityFile {
  readonly cases: readonly ParityCase[];
  readonly tokenizations: readonly { readonly text: string; readonly ids: readonly number[] }[];
}

const repository = path.resolve(import.meta.dirname, '../../..');
const workFolder = process.env['DARKROOM_TRAIN_DIR'] ?? path.join(repository, '.darkroom/train');
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: path.join(repository, 'models/pocket') },
    tolerance: { type: 'string', default: '0.02' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) {
  console.log('Usage: node src/check-parity.ts [--model FOLDER] [--tolerance 0.02]');
  process.exit(0);
}

async function readTensor(stored: StoredTensor): Promise<ort.Tensor> {
  const bytes = await readFile(path.join(workFolder, 'parity', stored.file));
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  return stored.type === 'int64'
    ? new ort.Tensor('int64', new BigInt64Array(buffer), stored.dims)
    : new ort.Tensor('float32', new Float32Array(buffer), stored.dims);
}

/** The largest difference, relative to the root mean square of the expected values. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  let largest = 0;
  let squares = 0;
  expected.forEach((value, index) => {
    largest = Math.max(largest, Math.abs(value - (actual[index] ?? Number.NaN)));
    squares += value * value;
  });
  return largest / Math.max(1e-6, Math.sqrt(squares / expected.length));
}

const { cases, tokenizations } = JSON.parse(await readFile(path.join(workFolder, 'parity/cases.json'), 'utf8')) as ParityFile;
const readModelJson = async (name: string): Promise<object> =>
  JSON.parse(await readFile(path.join(values.model, 'tokenizer', name), 'utf8')) as object;
const tokenizer = new Tokenizer(await readModelJson('tokenizer.json'), await readModelJson('tokenizer_config.json'));
let failures = 0;

for (const { text, ids } of tokenizations) {
  const actual = tokenizer.encode(text).ids;
  const same = actual.length === ids.length && actual.every((id: number, index: number) => id === ids[index]);
  if (!same) failures += 1;
  console.log(`tokenizer     ${same ? 'same' : 'DIFFERS'}  ${ids.length} ids  ${JSON.stringify(text.slice(0, 50))}`);
  if (!same) console.log(`  torch ${ids.slice(0, 20).join(' ')}\n  npm   ${actual.slice(0, 20).join(' ')}`);
}

const sessions = new Map<string, ort.InferenceSession>();
for (const { part, inputs, outputs } of cases) {
  const session = sessions.get(part) ?? (await ort.InferenceSession.create(path.join(values.model, part, 'model.onnx')));
  sessions.set(part, session);
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, stored] of Object.entries(inputs)) feeds[name] = await readTensor(stored);
  const started = performance.now();
  const results = await session.run(feeds);
  const seconds = (performance.now() - started) / 1000;
  for (const [name, stored] of Object.entries(outputs)) {
    const expected = await readTensor(stored);
    const error = relativeError(results[name]?.data as Float32Array, expected.data as Float32Array);
    const good = error <= Number(values.tolerance);
    if (!good) failures += 1;
    const first = Object.values(inputs)[0]?.dims.join('x') ?? '';
    console.log(
      `${part.padEnd(13)} ${good ? 'agrees' : 'DIFFERS'}  ${error.toExponential(1)}  ${seconds.toFixed(2)} s  ${first} -> ${name}`,
    );
  }
}
console.log(failures === 0 ? 'All parts agree.' : `${failures} comparisons differ.`);
process.exitCode = failures === 0 ? 0 : 1;
