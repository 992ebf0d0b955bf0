/** Readings that turn every word into another, where chance makes terms out of ordinary words. */

/** Reads a text by the cipher that moves each letter by half the alphabet. */
export function rot13(text: string): string {
  return text.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 97 + 13) % 26) + 97));
}

/** Reads a text by the cipher that swaps the alphabet's ends: a for z. */
export function atbash(text: string): string {
  return text.replaceAll(/[a-z]/g, (letter) => String.fromCharCode(219 - letter.charCodeAt(0)));
}

/** Reads a text from its end. */
export function backwards(text: string): string {
  return [...text].reverse().join('');
}

/** Reads each word from its end. */
export function wordsBackwards(text: string): string {
  return text.replaceAll(/[\p{L}\p{N}]+/gu, backwards);
}
