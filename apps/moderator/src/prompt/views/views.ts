import { atbash, backwards, rot13, wordsBackwards } from './ciphers.js';
import { resolveConfusables } from './confusables.js';
import { decodedParts } from './decoded.js';
import { asOneWord, asSeveralWords, dropInnerPunctuation, joinSpacedLetters, markDrawnOut, markMasked } from './letters.js';
import { normalise } from './normalise.js';
import { readSigns } from './signs.js';

/** One way to read a prompt. */
export interface View {
  readonly text: string;
  /** False for readings that turn every word into another, where chance makes terms out of ordinary words. */
  readonly asWritten: boolean;
}

const maxDepth = 2;

/**
 * Reads a prompt in every way that a disguise may ask for.
 *
 * As written: as it stands, with look-alike letters resolved, with letters that were spaced out joined, with digits and signs taken for
 * letters, with drawn-out letters marked, with masked letters open, and with hidden encodings decoded. And then by two ciphers and
 * backwards. Readings that come out the same are given once. Every text is lower case, without accents and invisible characters.
 */
export function viewsOf(prompt: string): View[] {
  const written = new Set<string>();
  const plain = new Set<string>();
  collect(prompt, 0, written, plain);
  const turned = new Set([...plain].flatMap((text) => [rot13, atbash, backwards, wordsBackwards].map((read) => read(text))));
  return [
    ...[...written].map((text) => ({ text, asWritten: true })),
    ...[...turned].filter((text) => !written.has(text)).map((text) => ({ text, asWritten: false })),
  ];
}

function collect(text: string, depth: number, views: Set<string>, plainTexts: Set<string>): void {
  const plain = normalise(text);
  for (const reading of [plain, normalise(resolveConfusables(plain))]) {
    plainTexts.add(reading);
    const joined = joinSpacedLetters(reading);
    views.add(reading);
    views.add(markMasked(reading));
    for (const letters of [joined, readSigns(joined, 'i'), readSigns(joined, 'l')]) {
      views.add(markDrawnOut(asOneWord(letters)));
      views.add(asSeveralWords(letters));
      views.add(markDrawnOut(dropInnerPunctuation(asOneWord(letters))));
    }
  }
  if (depth === maxDepth) return;
  // Read as one text, so that a prompt made of many small encoded pieces costs no more than another of its length.
  const decoded = decodedParts(text).join(' | ');
  if (decoded !== '') collect(decoded, depth + 1, views, plainTexts);
}
