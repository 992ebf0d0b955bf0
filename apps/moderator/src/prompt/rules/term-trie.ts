import { anyLetter, drawnOut, softBorder } from '../views/letters.js';
import { normalise } from '../views/normalise.js';
import { kindAt, kinds } from './characters.js';

/** Where a term was found. */
export interface TermMatch {
  /** Place of the term in the list that the trie was made of. */
  readonly term: number;
  readonly start: number;
  readonly end: number;
}

interface Node {
  readonly letters: Map<string, Node>;
  /** After a gap between words, or none. */
  gap: Node | undefined;
  /** After the rest of the word. */
  rest: Node | undefined;
  /** The term that ends here. */
  term: number | undefined;
}

const longestGap = 3;
/** What letters without borders may spell by chance is shorter. */
const shortestAcrossBorders = 4;

/**
 * Finds whole words and phrases of a list in normalised text, all of them in one pass.
 *
 * In a term, a blank stands for any gap between words or none at all, a star for the rest of a word, and `{1-17}` for a number of that
 * range. A plural or possessive ending is found with its word. Scripts that write no blanks between words have no borders of words.
 */
export class TermTrie {
  readonly #root = newNode();

  /** @throws Error when a term has signs other than letters, digits, blanks, stars and ranges. */
  constructor(terms: readonly string[]) {
    for (const [index, term] of terms.entries()) for (const one of spellings(term)) this.#add(one, index);
  }

  /** Finds every match, overlapping ones too, by where they start. */
  find(text: string): TermMatch[] {
    const matches: TermMatch[] = [];
    for (let start = 0; start < text.length; start++) {
      if (isBorder(text, start) && isWordAt(text, start)) walk(this.#root, { text, start, at: start, crossed: 0 }, matches);
    }
    return matches;
  }

  #add(term: string, index: number): void {
    let node = this.#root;
    for (const sign of term.split('')) {
      if (sign === ' ') node = node.gap ??= newNode();
      else if (sign === '*') node = node.rest ??= newNode();
      else node = childOf(node, sign);
    }
    node.term ??= index;
  }
}

/** A way through the trie that began at `start` and has come to `at`. */
interface Path {
  readonly text: string;
  readonly start: number;
  readonly at: number;
  /** Soft borders that it has crossed. */
  readonly crossed: number;
}

function walk(node: Node, path: Path, matches: TermMatch[]): void {
  const { text, start, at, crossed } = path;
  if (node.term !== undefined && text[at - 1] !== softBorder) {
    const end = endOfWord(text, at);
    const isLongEnough = crossed === 0 || at - start - crossed >= shortestAcrossBorders;
    if (end !== undefined && isLongEnough) matches.push({ term: node.term, start, end });
  }
  if (node.rest !== undefined) walk(node.rest, { ...path, at: wordEnd(text, at) }, matches);
  const sign = text[at];
  if (sign === undefined) return;
  if (sign === drawnOut) {
    // The letter before may stand for itself, or for more of it: "pooorn" and "schooool".
    walk(node, { ...path, at: at + 1 }, matches);
    const again = node.letters.get(text[at - 1] ?? '');
    if (again !== undefined) walk(again, path, matches);
    return;
  }
  if (sign === softBorder) walk(node, { ...path, at: at + 1, crossed: crossed + 1 }, matches);
  if (node.gap !== undefined) {
    const next = gapEnd(text, at);
    if (next !== undefined) walk(node.gap, { ...path, at: next }, matches);
  }
  if (sign === anyLetter) {
    for (const child of node.letters.values()) walk(child, { ...path, at: at + 1 }, matches);
    return;
  }
  const child = node.letters.get(sign);
  if (child !== undefined) walk(child, { ...path, at: at + 1 }, matches);
}

/** Where a word ends that may have a plural or possessive ending; undefined when it goes on otherwise. */
function endOfWord(text: string, at: number): number | undefined {
  if (isBorder(text, at)) return at;
  if (text[at] === 's' && isBorder(text, at + 1)) return at + 1;
  if (text[at] === 'e' && text[at + 1] === 's' && isBorder(text, at + 2) && /[shxzo]/.test(text[at - 1] ?? '')) return at + 2;
  return undefined;
}

function wordEnd(text: string, at: number): number {
  let end = at;
  while (kindAt(text, end) === kinds.spaced) end += 1;
  return end;
}

function gapEnd(text: string, at: number): number | undefined {
  let end = at;
  while (end < text.length && !isWordAt(text, end)) end += 1;
  return end - at <= longestGap && end < text.length ? end : undefined;
}

function isBorder(text: string, at: number): boolean {
  if (at === 0) return true;
  const before = kindAt(text, at - 1);
  const after = kindAt(text, at);
  return before === kinds.none || after === kinds.none || before === kinds.unspaced || after === kinds.unspaced;
}

function isWordAt(text: string, at: number): boolean {
  return kindAt(text, at) !== kinds.none;
}

function childOf(node: Node, sign: string): Node {
  const known = node.letters.get(sign);
  if (known !== undefined) return known;
  const child = newNode();
  node.letters.set(sign, child);
  return child;
}

function newNode(): Node {
  return { letters: new Map(), gap: undefined, rest: undefined, term: undefined };
}

/** Writes a term out: one spelling for each number of its range. */
function spellings(term: string): string[] {
  const range = /\{(\d+)-(\d+)\}/.exec(term);
  if (range !== null) {
    const [whole, from, to] = range;
    const numbers = Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => Number(from) + index);
    return numbers.flatMap((number) => spellings(term.replace(whole, String(number))));
  }
  const plain = normalise(term);
  if (plain.length === 0 || !/^[\p{L}\p{N}\p{M} *]+$/u.test(plain)) {
    throw new Error(`the term "${term}" may have only letters, digits, blanks, * and {from-to}`);
  }
  return [plain];
}
