/** How a text becomes numbers without a vocabulary; tools/train computes the same in `prompt_features.py`. */
export interface HashedNgramsOptions {
  /** The table has two to the power of this many features. */
  readonly bucketBits: number;
  /** Shortest and longest n-gram of characters. */
  readonly characters: readonly [number, number];
  /** Longest word; longer runs are cut. */
  readonly wordLength: number;
  /** Words in one window, and from one window's begin to the next one's. */
  readonly window: number;
  readonly stride: number;
}

const words = /[\p{L}\p{N}]+/gu;
const encoder = new TextEncoder();

/** Returns the 32-bit FNV-1a hash of bytes (draft-eastlake-fnv). */
export function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/**
 * Computes the features of texts: hashed n-grams of characters, words and pairs of words.
 *
 * A text is split into words, runs of letters and digits. A word gives the n-grams of `<word>`, by code points, and `=word`; each two
 * neighbours give `=first second`. A feature's number is 1 + its FNV-1a hash, folded to the table's size by exclusive or; 0 is padding.
 */
export class HashedNgrams {
  readonly #options: HashedNgramsOptions;

  constructor(options: HashedNgramsOptions) {
    this.#options = options;
  }

  /** Returns the features of each window of a text that is already lower case and free of marks; a text without words has no window. */
  *windows(text: string): Generator<number[]> {
    const { window, stride } = this.#options;
    const found = this.#words(text);
    if (found.length === 0) return;
    const own = found.map((word) => this.#ofWord(word));
    for (let start = 0; start === 0 || start < found.length - window + stride; start += stride) {
      const end = Math.min(found.length, start + window);
      const features = own.slice(start, end).flat();
      for (let i = start; i + 1 < end; i++) features.push(this.#bucket(`=${found[i]} ${found[i + 1]}`));
      yield features;
    }
  }

  #words(text: string): string[] {
    const { wordLength } = this.#options;
    return Array.from(text.matchAll(words)).flatMap(([run]) => {
      if (run.length <= wordLength) return [run];
      const characters = Array.from(run);
      const parts = Math.ceil(characters.length / wordLength);
      return Array.from({ length: parts }, (_, part) => characters.slice(part * wordLength, (part + 1) * wordLength).join(''));
    });
  }

  #ofWord(word: string): number[] {
    const [shortest, longest] = this.#options.characters;
    const framed = ['<', ...word, '>'];
    const features: number[] = [];
    for (let length = shortest; length <= longest; length++) {
      for (let start = 0; start + length <= framed.length; start++) {
        features.push(this.#bucket(framed.slice(start, start + length).join('')));
      }
    }
    features.push(this.#bucket(`=${word}`));
    return features;
  }

  #bucket(feature: string): number {
    const hash = fnv1a(encoder.encode(feature));
    const bits = this.#options.bucketBits;
    return 1 + (((hash >>> bits) ^ hash) & ((1 << bits) - 1));
  }
}
