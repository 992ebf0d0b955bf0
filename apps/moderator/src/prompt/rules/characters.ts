import { anyLetter, drawnOut } from '../views/letters.js';

/** What a character is to a search for words. */
export const kinds = { none: 0, spaced: 1, unspaced: 2 } as const;

/** Han, Hiragana, Katakana, Hangul and Thai, whose words stand or are inflected without a blank. */
const unspacedScripts = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}ー]/u;
const lettersAndDigits = /[\p{L}\p{N}\p{M}]/u;

// A table, since long prompts are asked about character by character, many times.
const table = Uint8Array.from({ length: 0x10000 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (unspacedScripts.test(character)) return kinds.unspaced;
  return lettersAndDigits.test(character) || character === anyLetter || character === drawnOut ? kinds.spaced : kinds.none;
});

/** Tells what stands at a place of a text: part of a word, part of one that has no borders, or none; beyond its end there is none. */
export function kindAt(text: string, at: number): number {
  // Beyond the end the code is no number, and the table has no such place.
  return table[text.charCodeAt(at)] ?? kinds.none;
}
