import { describe, expect, it } from 'vitest';
import { TokenWindows, type TokenWindowsOptions } from './token-windows.js';

const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'un', '##aff', '##able', 'a', 'b', 'c', 'd', 'e', 'f', 'g'];
const id = (word: string) => words.indexOf(word);
const tokenizer = {
  version: '1.0',
  added_tokens: [],
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(words.map((word, at) => [word, at])),
  },
};
const options: TokenWindowsOptions = {
  tokenizer,
  tokenizerConfig: { tokenizer_class: 'BertTokenizer', pad_token: '[PAD]', unk_token: '[UNK]' },
  window: 6,
  overlap: 1,
  idsName: 'input_ids',
  maskName: 'attention_mask',
  typesName: 'token_type_ids',
};
const windowsOf = (text: string, change: Partial<TokenWindowsOptions> = {}) =>
  [...new TokenWindows({ ...options, ...change }).windows(text)].map((window) => window.map((one) => words[one]));

describe('TokenWindows', () => {
  it('splits as BERT does, within its special tokens', () => {
    // The example of BERT's own test: google-research/bert, tokenization_test.py.
    expect(windowsOf('Unaffable')).toEqual([['[CLS]', 'un', '##aff', '##able', '[SEP]']]);
    expect(windowsOf('')).toEqual([]);
  });

  it('has every token in some window, and shares as many as was asked for', () => {
    expect(windowsOf('a b c d e f g')).toEqual([
      ['[CLS]', 'a', 'b', 'c', 'd', '[SEP]'],
      ['[CLS]', 'd', 'e', 'f', 'g', '[SEP]'],
    ]);
    expect(windowsOf('a b c d')).toHaveLength(1);
    expect(windowsOf('a b c d e', { overlap: 3 })).toHaveLength(2);
  });

  it('has no special tokens where the tokenizer has none', () => {
    expect(windowsOf('a b', { tokenizer: { ...tokenizer, post_processor: null } })).toEqual([['a', 'b']]);
  });

  it('feeds what is padded as masked', () => {
    const reader = new TokenWindows(options);
    const feed = reader.feed([...reader.windows('a'), ...reader.windows('a b')]);
    expect(reader.inputs).toEqual(['input_ids', 'attention_mask', 'token_type_ids']);
    expect(feed['input_ids']?.shape).toEqual([2, 4]);
    const expected = [id('[CLS]'), id('a'), id('[SEP]'), id('[PAD]'), id('[CLS]'), id('a'), id('b'), id('[SEP]')];
    expect([...(feed['input_ids']?.data ?? [])].map(Number)).toEqual(expected);
    expect([...(feed['attention_mask']?.data ?? [])].map(Number)).toEqual([1, 1, 1, 0, 1, 1, 1, 1]);
    expect([...(feed['token_type_ids']?.data ?? [])].map(Number)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('refuses windows without room, and what is no tokenizer', () => {
    expect(() => new TokenWindows({ ...options, window: 3 })).toThrow('must have more than the 1 that they share');
    expect(() => new TokenWindows({ ...options, tokenizer: { model: { type: 'Oracle' } } })).toThrow('tokenizer');
  });
});
