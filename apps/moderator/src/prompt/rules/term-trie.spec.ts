import { describe, expect, it } from 'vitest';
import { anyLetter, drawnOut, softBorder } from '../views/letters.js';
import { TermTrie } from './term-trie.js';

/** What is found of a list of terms, as it stands in the text. */
const found = (terms: string[], text: string) => new TermTrie(terms).find(text).map(({ start, end }) => text.slice(start, end));

describe('TermTrie', () => {
  it('finds whole words, with plural and possessive endings', () => {
    expect(found(['cat', 'fox'], 'cat cats foxes catfish bobcat cat’s')).toEqual(['cat', 'cats', 'foxes', 'cat']);
    expect(found(['heroin'], 'two heroines')).toEqual([]);
  });

  it('takes a blank for any gap up to three signs, or none', () => {
    expect(found(['pipe bomb'], 'pipe bomb, pipebomb, pipe - bomb, pipe -- -- bomb')).toEqual([
      'pipe bomb',
      'pipebomb',
      'pipe - bomb',
    ]);
  });

  it('takes a star for the rest of a word, at its end and inside a phrase', () => {
    expect(found(['behead*'], 'beheading a behead')).toEqual(['beheading', 'behead']);
    expect(found(['slit* throat'], 'slitting throats, slit throat')).toEqual(['slitting throats', 'slit throat']);
  });

  it('takes a range for each of its numbers', () => {
    expect(found(['{9-11} year old'], '8 year old, 9 year old, 11-year-old, 12 year old')).toEqual(['9 year old', '11-year-old']);
  });

  it('finds terms that overlap and tells which they are', () => {
    expect(new TermTrie(['white power', 'power cable']).find('white power cable')).toEqual([
      { term: 0, start: 0, end: 11 },
      { term: 1, start: 6, end: 17 },
    ]);
  });

  it('knows no borders where a script writes none, and borders where it does', () => {
    expect(found(['裸体'], '一个裸体女人')).toEqual(['裸体']);
    expect(found(['порно'], 'порно, порнография')).toEqual(['порно']);
  });

  it('takes a masked letter for any, and one that was drawn out for one or more', () => {
    expect(found(['bomb'], `b${anyLetter}mb`)).toHaveLength(1);
    expect(found(['schoolgirl'], `scho${drawnOut}lgi${drawnOut}rl`)).toHaveLength(1);
  });

  it('finds terms of four letters or more anywhere where borders were lost', () => {
    const apart = (text: string) => [...text].join(softBorder);
    expect(found(['bomb', 'bum'], apart('albumbombs'))).toEqual([apart('bomb')]);
  });

  it('refuses signs that mean nothing in a term', () => {
    for (const term of ['a+b', '', 'c(at']) expect(() => new TermTrie([term]), term).toThrow(/may have only/);
  });
});
