import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { fnv1a, HashedNgrams } from './hashed-ngrams.js';

const options = { bucketBits: 15, characters: [3, 5], wordLength: 24, window: 24, stride: 8 } as const;
const ngrams = new HashedNgrams(options);
const bytes = (text: string) => new TextEncoder().encode(text);
/** A feature's number, by the formula. */
const number = (feature: string) => 1 + (((fnv1a(bytes(feature)) >>> 15) ^ fnv1a(bytes(feature))) & 0x7fff);

describe('fnv1a', () => {
  // Landon Curt Noll's test vectors, http://www.isthe.com/chongo/src/fnv/test_fnv.c
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['b', 0xe70c2de5],
    ['foobar', 0xbf9cf968],
    ['foo', 0xa9f37ed7],
  ])('hashes %j', (text, hash) => {
    expect(fnv1a(bytes(text))).toBe(hash);
  });
});

describe('HashedNgrams', () => {
  it('gives the n-grams of each word in its frame, the words, and the pairs', () => {
    const grams = ['<a>', '=a', '<ca', 'caf', 'afe', 'fe>', '<caf', 'cafe', 'afe>', '<cafe', 'cafe>', '=cafe', '=a cafe'];
    const [features, ...more] = ngrams.windows('a cafe!');
    expect(more).toEqual([]);
    expect(features?.toSorted()).toEqual(grams.map(number).toSorted());
  });

  it('computes what the training computed', async () => {
    const golden = JSON.parse(await readFile(new URL('golden/hashed-ngrams.json', import.meta.url), 'utf8')) as {
      cases: { text: string; folded: string; windows: number[][] }[];
    };
    expect(golden.cases.length).toBeGreaterThan(10);
    for (const { text, folded, windows } of golden.cases) expect(Array.from(ngrams.windows(folded)), text).toEqual(windows);
  });

  it.each([1, 24, 25, 36, 37, 100])('has each of %i words in some window, and no window twice', (count) => {
    const words = Array.from({ length: count }, (_, index) => `word${index}`);
    const windows = Array.from(ngrams.windows(words.join(' ')));
    for (const word of words) expect(windows.some((features) => features.includes(number(`=${word}`)))).toBe(true);
    expect(windows.length).toBe(Math.max(1, Math.ceil((count - 16) / 8)));
  });

  it.each(['', ' ', '...', '🍎'])('has no window for %j', (text) => {
    expect(Array.from(ngrams.windows(text))).toEqual([]);
  });
});
