import decancerModule from 'decancer';

// The module itself is the function, which its typings don't say.
const decancer = decancerModule as unknown as (text: string) => { toString(): string };

/** Puts Latin letters in place of characters of other scripts and alphabets that look like them. */
export function resolveConfusables(text: string): string {
  return decancer(text).toString();
}
