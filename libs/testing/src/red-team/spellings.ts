/** Other spellings: digits and signs for letters, accents, masks, mistakes. */
import type { Disguise } from './disguise.js';

const digits: Record<string, string> = { a: '4', e: '3', i: '1', o: '0', s: '5', t: '7' };
const signs: Record<string, string> = { a: '@', e: '3', i: '!', o: '0', s: '$' };

const swap = (text: string, table: Record<string, string>) => [...text].map((letter) => table[letter] ?? letter).join('');

/** Changes the longest word, which is the one that tells. */
const inLongestWord = (text: string, change: (word: string) => string): string => {
  const longest = text.split(' ').reduce((best, word) => (word.length > best.length ? word : best));
  return text.replace(longest, change(longest));
};

const marks = ['\u0300', '\u0301', '\u0302', '\u0303', '\u0308', '\u030a', '\u0327', '\u0336'];

const spelling = (name: string, apply: Disguise['apply'], claimed = true): Disguise => ({
  name,
  anyScript: false,
  claimed,
  apply,
});

/** Disguises by spelling. */
export const spellings: readonly Disguise[] = [
  spelling('digits for letters', (text) => swap(text, digits)),
  spelling('signs for letters', (text) => swap(text, signs)),
  spelling('some digits for letters', (text, random) =>
    [...text].map((letter) => (random() < 0.5 ? (digits[letter] ?? letter) : letter)).join(''),
  ),
  spelling('digits, spaced', (text) =>
    swap(text, digits)
      .split(' ')
      .map((word) => [...word].join(' '))
      .join('   '),
  ),
  spelling('accents', (text, random) =>
    text.replaceAll(/[a-z]/g, (letter) => letter + (marks[Math.floor(random() * marks.length)] ?? '')).normalize('NFC'),
  ),
  spelling('stacked accents', (text, random) =>
    text.replaceAll(/[a-z]/g, (letter) => letter + marks.filter(() => random() < 0.6).join('')),
  ),
  spelling('letters drawn out', (text, random) =>
    text.replaceAll(/[aeiou]/g, (letter) => letter.repeat(3 + Math.floor(random() * 4))),
  ),
  spelling('a letter masked', (text) =>
    text.replaceAll(/\b([a-z]+?)[aeiou]([a-z]+)\b/g, (word, before, after) => (word.length >= 5 ? `${before}*${after}` : word)),
  ),
  spelling('Cyrillic and zero-width', (text) => [...swap(text, { a: 'а', e: 'е', o: 'о', p: 'р', c: 'с' })].join('\u200c')),
  spelling(
    'two letters swapped',
    (text) => inLongestWord(text, (word) => word.slice(0, 2) + (word[3] ?? '') + (word[2] ?? '') + word.slice(4)),
    false,
  ),
  spelling('vowels left out', (text) => inLongestWord(text, (word) => word[0] + word.slice(1).replaceAll(/[aeiou]/g, '')), false),
  spelling(
    'by sound',
    (text) => text.replaceAll('c', 'k').replaceAll('ex', 'eggs').replaceAll('ph', 'f').replaceAll('x', 'ks'),
    false,
  ),
  spelling('Pig Latin', (text) => text.replaceAll(/\b([^aeiou\s]*)([a-z]+)\b/g, '$2$1ay'), false),
  spelling(
    'each letter three on',
    (text) => text.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 97 + 3) % 26) + 97)),
    false,
  ),
];
