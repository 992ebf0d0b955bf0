import decancerModule from 'decancer';
import { decodedParts } from './decoded.js';

/** One way to read a prompt. */
export interface View {
  readonly text: string;
  /** False for readings that turn every word into another, where chance makes terms out of ordinary words. */
  readonly asWritten: boolean;
}

// The module itself is the function, which its typings don't say.
const decancer = decancerModule as unknown as (text: string) => { toString(): string };

const maxDepth = 2;

/**
 * Reads a prompt in every way that a disguise may ask for.
 *
 * As written: as it stands, with look-alike letters resolved, with letters that were spaced out joined, with digits and signs taken for
 * letters, with drawn-out letters shortened, and with hidden encodings decoded. And then in rot13 and backwards. Readings that come out
 * the same are given once. Every text is lower case, without accents and invisible characters.
 */
export function viewsOf(prompt: string): View[] {
  const written = new Set<string>();
  collect(prompt, 0, written);
  const views = [...written].map((text) => ({ text, asWritten: true }));
  const plain = normalise(prompt);
  for (const text of [rot13(plain), [...plain].reverse().join('')])
    if (!written.has(text)) views.push({ text, asWritten: false });
  return views;
}

function collect(text: string, depth: number, views: Set<string>): void {
  const plain = normalise(text);
  for (const reading of [plain, normalise(decancer(plain).toString())]) {
    views.add(reading);
    views.add(joinSpacedLetters(reading));
    for (const one of ['i', 'l']) views.add(shorten(readSigns(joinSpacedLetters(reading), one)));
  }
  if (depth === maxDepth) return;
  // Read as one text, so that a prompt made of many small encoded pieces costs no more than another of its length.
  const decoded = decodedParts(text).join(' | ');
  if (decoded !== '') collect(decoded, depth + 1, views);
}

/**
 * Folds compatibility forms and case, makes every gap one blank, and drops accents and characters that can't be seen.
 *
 * Arabic's word ligatures go first: each unfolds to as many as 18 letters, and no rule is about them. Control characters must not reach
 * decancer, whose time grows with the square of their number.
 */
function normalise(text: string): string {
  return text
    .replaceAll(/[\u{fdf0}-\u{fdff}]/gu, ' ')
    .normalize('NFKD')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/[\p{Mn}\p{Me}\p{C}]/gu, '')
    .toLowerCase();
}

/** Joins single letters with something between them: "s p a c e d" and "s.p.a.c.e.d". */
function joinSpacedLetters(text: string): string {
  return text.replaceAll(
    /(?<![\p{L}\p{N}])[\p{L}\p{N}@$!](?:[^\p{L}\p{N}@$!]{1,3}[\p{L}\p{N}@$!]){2,}(?![\p{L}\p{N}])/gu,
    (run) => run.replaceAll(/[^\p{L}\p{N}@$!]/gu, ''),
  );
}

const signs: Readonly<Record<string, string>> = {
  0: 'o',
  2: 'z',
  3: 'e',
  4: 'a',
  5: 's',
  6: 'g',
  7: 't',
  8: 'b',
  9: 'g',
  '@': 'a',
  $: 's',
};

/** Takes digits and signs for the letters they look like, in words that have letters too; 1, ! and | may be either of two. */
function readSigns(text: string, one: string): string {
  return text.replaceAll(/[a-z0-9@$!|*+]{3,}/g, (word) => {
    if (!/[a-z]/.test(word) || !/[0-9@$!|*+]/.test(word.slice(0, -1) + word.slice(-1).replace('!', ''))) return word;
    return word.replaceAll(/[0-9@$!|+]/g, (sign) => signs[sign] ?? (sign === '+' ? 't' : one));
  });
}

/** Shortens letters that are drawn out to three or more. */
function shorten(text: string): string {
  return text.replaceAll(/([a-z])\1{2,}/g, '$1');
}

function rot13(text: string): string {
  return text.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97));
}
