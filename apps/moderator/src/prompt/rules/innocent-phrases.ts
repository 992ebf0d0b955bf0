import { TermTrie } from './term-trie.js';

/** Tells whether a stretch of a text lies within a phrase that means no harm. */
export type IsInnocent = (start: number, end: number) => boolean;

/** Phrases that contain a term and mean no harm, to everybody or to one tenant. */
export class InnocentPhrases {
  readonly #trie: TermTrie;

  constructor(phrases: readonly string[]) {
    this.#trie = new TermTrie([...new Set(phrases)]);
  }

  /** Finds the phrases of a text; undefined where there are none. */
  in(text: string): IsInnocent | undefined {
    const phrases = this.#trie.find(text);
    if (phrases.length === 0) return undefined;
    // How far the phrases reach that begin no later than each of them.
    const reach: number[] = [];
    for (const { end } of phrases) reach.push(Math.max(end, reach.at(-1) ?? 0));
    return (start, end) => {
      const after = phrases.findIndex((phrase) => phrase.start > start);
      return (reach[(after === -1 ? phrases.length : after) - 1] ?? 0) >= end;
    };
  }

  /** Puts a blank in the place of each of the phrases of a text; undefined where there are none. */
  takenOutOf(text: string): string | undefined {
    let rest = '';
    let from = 0;
    for (const { start, end } of this.#trie.find(text)) {
      rest += text.slice(from, Math.max(from, start)) + (start >= from ? ' ' : '');
      from = Math.max(from, end);
    }
    return from === 0 ? undefined : rest + text.slice(from);
  }
}
