import { readBoxedLetters } from './hidden.js';

/**
 * Folds compatibility forms and case, makes every gap one blank, and drops accents and characters that can't be seen.
 *
 * Arabic's word ligatures go first: each unfolds to as many as 18 letters, and no rule is about them. Control characters must not reach
 * decancer, whose time grows with the square of their number.
 */
export function normalise(text: string): string {
  return readBoxedLetters(text)
    .replaceAll(/[\u{fdf0}-\u{fdff}]/gu, ' ')
    .normalize('NFKD')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/[\p{Mn}\p{Me}\p{C}]/gu, '')
    .normalize('NFC')
    .toLowerCase();
}
