import { TermTrie } from './term-trie.js';

/** Tells whether a stretch of a text lies within a phrase that means no harm. */
export type IsInnocent = (start: number, end: number) => boolean;

/** Phrases that contain a term and mean no harm. */
export class InnocentPhrases {
  readonly #trie: TermTrie;

  constructor(phrases: readonly string[]) {
    this.#trie = new TermTrie([...new Set(phrases)]);
  }

  /** Finds the phrases of a text. */
  in(text: string): IsInnocent {
    const phrases = this.#trie.find(text);
    // How far the phrases reach that begin no later than each of them.
    const reach: number[] = [];
    for (const { end } of phrases) reach.push(Math.max(end, reach.at(-1) ?? 0));
    return (start, end) => {
      const after = phrases.findIndex((phrase) => phrase.start > start);
      return (reach[(after === -1 ? phrases.length : after) - 1] ?? 0) >= end;
    };
  }
}
