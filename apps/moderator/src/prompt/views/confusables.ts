import decancerModule from 'decancer';

// The module itself is the function, which its typings don't say.
const decancer = decancerModule as unknown as (text: string) => { toString(): string };

/** Letters that decancer takes for others: turned ones, and those of phonetic script. */
const others: Readonly<Record<string, string>> = {
  ɐ: 'a',
  ɒ: 'a',
  ə: 'e',
  ɘ: 'e',
  ɜ: 'e',
  ɗ: 'd',
  ɥ: 'h',
  ɯ: 'm',
  ɳ: 'n',
  ɔ: 'o',
  ɹ: 'r',
  ɺ: 'r',
  ɻ: 'r',
  ʌ: 'v',
  ʍ: 'w',
  ʎ: 'y',
};

/** Puts Latin letters in place of characters of other scripts and alphabets that look like them. */
export function resolveConfusables(text: string): string {
  return decancer(text.replaceAll(/[\u0250-\u02af]/g, (letter) => others[letter] ?? letter)).toString();
}
