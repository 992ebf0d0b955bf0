/** Where a term was found. */
export interface TermMatch {
  readonly start: number;
  readonly end: number;
}

/**
 * Finds whole words and phrases of a list in lower-case text.
 *
 * In a term, a blank stands for any gap between words or none at all, a star at a word's end for any ending, and `{1-17}` for a number
 * of that range. A plural or possessive ending is found with its word.
 */
export class TermMatcher {
  readonly #pattern: RegExp;

  /** @throws Error when a term has signs other than letters, digits, blanks, stars and ranges. */
  constructor(terms: readonly string[]) {
    // Longest first, so that "naked mole rat" is tried before "naked".
    const alternatives = [...terms].sort((a, b) => b.length - a.length).map(source);
    this.#pattern = new RegExp(`(?<![a-z0-9])(?:${alternatives.join('|')})(?:'?s|es)?(?![a-z0-9])`, 'g');
  }

  /** Finds every match, from left to right, without overlaps. */
  find(text: string): TermMatch[] {
    return Array.from(text.matchAll(this.#pattern), ({ index, 0: { length } }) => ({ start: index, end: index + length }));
  }

  /** Tells whether any term occurs. */
  test(text: string): boolean {
    this.#pattern.lastIndex = 0;
    return this.#pattern.test(text);
  }

  /** Puts a mark in place of each match. */
  blank(text: string): string {
    return text.replaceAll(this.#pattern, '#');
  }
}

function source(term: string): string {
  if (!/^[a-z0-9{}\- *]+$/.test(term)) throw new Error(`the term "${term}" may have only a-z, 0-9, blanks, * and {from-to}`);
  return term
    .replaceAll(/\{(\d+)-(\d+)\}/g, (_, from: string, to: string) => {
      const numbers = Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index);
      return `(?:${numbers.join('|')})`;
    })
    .replaceAll('*', '[a-z]*')
    .replaceAll(' ', '[^a-z0-9]{0,3}');
}
