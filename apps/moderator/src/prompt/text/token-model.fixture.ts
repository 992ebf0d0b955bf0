/** A classifier of tokens in the files that Hugging Face's tools write: what it says of a text can be told by hand. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { constant, node, onnxFile, value } from '../../onnx-file.fixture.js';

/** Its words and parts of words, each with its value for the labels: a neutral one, and `violence`. */
const vocabulary = {
  '[PAD]': [0, 0],
  '[UNK]': [0, -4],
  '[CLS]': [0, -4],
  '[SEP]': [0, -4],
  un: [0, -4],
  '##aff': [0, -4],
  '##able': [0, -4],
  knight: [0, -4],
  strangl: [0, -4],
  '##ing': [0, 4],
} as const;
const words = Object.keys(vocabulary);

/** Of each label, the greatest value of any token that is not masked: one that is counts as -100. */
function model(): Uint8Array {
  return onnxFile({
    nodes: [
      node('Gather', ['values', 'input_ids'], 'each'),
      node('Cast', ['attention_mask'], 'mask', { to: 1 }),
      node('Unsqueeze', ['mask', 'last'], 'column'),
      node('Sub', ['column', 'one'], 'missing'),
      node('Mul', ['missing', 'hundred'], 'penalty'),
      node('Add', ['each', 'penalty'], 'seen'),
      node('ReduceMax', ['seen'], 'logits', { axes: [1], keepdims: 0 }),
    ],
    constants: [
      constant('values', Float32Array.from(Object.values(vocabulary).flat()), words.length, 2),
      constant('last', BigInt64Array.of(2n), 1),
      constant('one', Float32Array.of(1), 1),
      constant('hundred', Float32Array.of(100), 1),
    ],
    inputs: [value('input_ids', 'int64', 'n', 'length'), value('attention_mask', 'int64', 'n', 'length')],
    outputs: [value('logits', 'float32', 'n', 2)],
  });
}

const special = (content: string, id: number) => ({
  id,
  content,
  special: true,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});

/** A WordPiece tokenizer as BERT's: `tokenizer.json`. */
const tokenizer = {
  version: '1.0',
  added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map(special),
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(words.map((word, id) => [word, id])),
  },
};

/** Writes the classifier's folder; what is given replaces fields of its manifest, or leaves files out. */
export async function writeTokenModel(folder: string, change: object = {}, without: readonly string[] = []): Promise<void> {
  const config = {
    name: 'token-model',
    output_name: 'logits',
    activation: 'softmax',
    features: { kind: 'tokens', window: 8, overlap: 2 },
    labels: [null, { category: 'violence', severity: 3, threshold: 0.9 }],
    ...change,
  };
  // The softmax of (0, 4): 1 / (1 + e^-4).
  const reference = { texts: [{ text: 'strangling', probabilities: [1 / (1 + Math.exp(4)), 1 / (1 + Math.exp(-4))] }] };
  const files: Record<string, Uint8Array> = {
    'model.onnx': model(),
    'config.json': Buffer.from(JSON.stringify(config)),
    'reference.json': Buffer.from(JSON.stringify(reference)),
    'tokenizer.json': Buffer.from(JSON.stringify(tokenizer)),
    'tokenizer_config.json': Buffer.from(
      JSON.stringify({ tokenizer_class: 'BertTokenizer', pad_token: '[PAD]', unk_token: '[UNK]' }),
    ),
  };
  const kept = Object.entries(files).filter(([name]) => !without.includes(name));
  const digests = kept.map(([name, bytes]) => [name, `sha256:${createHash('sha256').update(bytes).digest('hex')}`]);
  await Promise.all(kept.map(([name, bytes]) => writeFile(join(folder, name), bytes)));
  await writeFile(join(folder, 'digests.json'), JSON.stringify({ files: Object.fromEntries(digests) }));
}
