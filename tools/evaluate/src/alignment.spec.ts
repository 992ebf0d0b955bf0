import { describe, expect, it } from 'vitest';
import { mark, summarise, type Verdict } from './alignment.js';
import type { Caption, Facts, Kind } from './captions.js';
import type { Seen } from './judge.js';

const nothing = { firstColour: null, second: null, secondColour: null, background: null };
const caption = (kind: Kind, facts: Partial<Facts> & Pick<Facts, 'first' | 'layout'>): Caption => ({
  id: `${kind}-001`,
  kind,
  core: true,
  caption: 'a caption',
  facts: { ...nothing, ...facts },
});
const seen = (overrides: Partial<Seen>): Seen => ({
  first: 'cat',
  firstColour: 'gray',
  second: 'dog',
  secondColour: 'brown',
  layout: 'single',
  background: 'white',
  ...overrides,
});

describe('mark', () => {
  it('asks only for what the caption names', () => {
    expect(mark(caption('object', { first: 'cat', layout: 'single' }), seen({}))).toEqual({ subject: true, everything: true });
    const named = caption('background', { first: 'cat', layout: 'single', background: 'red' });
    expect(mark(named, seen({}))).toEqual({ subject: true, background: false, everything: false });
  });

  it('sees a second subject where one is asked for', () => {
    const marks = mark(caption('object', { first: 'cat', layout: 'single' }), seen({ layout: 'count2' }));
    expect(marks).toEqual({ subject: true, everything: false });
  });

  it('tells the number apart from the subject', () => {
    const three = caption('count', { first: 'cat', layout: 'count3' });
    expect(mark(three, seen({ layout: 'count4' }))).toEqual({ subject: true, count: false, everything: false });
    expect(mark(three, seen({ layout: 'count3', first: 'dog' }))).toEqual({ subject: false, count: true, everything: false });
  });

  it('wants each of a pair in its place', () => {
    const pair = caption('pair', { first: 'cat', second: 'dog', layout: 'horizontal' });
    expect(mark(pair, seen({ layout: 'horizontal' }))).toEqual({ subject: true, position: true, everything: true });
    const swapped = seen({ first: 'dog', second: 'cat', layout: 'horizontal' });
    expect(mark(pair, swapped)).toEqual({ subject: false, position: false, everything: false });
    expect(mark(pair, seen({ layout: 'vertical' }))).toMatchObject({ position: false });
  });

  it('tells a pair of one kind apart by colour', () => {
    const facts = {
      first: 'star',
      firstColour: 'red',
      second: 'star',
      secondColour: 'blue',
      layout: 'horizontal',
    };
    const stars = caption('pair', facts);
    const right = seen({ ...facts });
    expect(mark(stars, right)).toEqual({ subject: true, colour: true, position: true, everything: true });
    const swapped = seen({ ...facts, firstColour: 'blue', secondColour: 'red' });
    expect(mark(stars, swapped)).toEqual({ subject: true, colour: false, position: false, everything: false });
  });
});

describe('mark, of a pair', () => {
  const facts = { first: 'heart', firstColour: 'red', second: 'star', secondColour: 'blue', layout: 'vertical' };
  const pair = caption('pair', facts);

  it('knows the places by their colours too, whatever the shapes came out as', () => {
    const marks = mark(pair, seen({ ...facts, first: 'circle', second: 'hexagon' }));
    expect(marks).toEqual({ subject: false, colour: true, position: true, everything: false });
  });

  it('knows nothing of the places by one colour for both', () => {
    const both = caption('pair', { ...facts, secondColour: 'red' });
    const marks = mark(both, seen({ ...facts, secondColour: 'red', first: 'star', second: 'heart' }));
    expect(marks).toEqual({ subject: false, colour: true, position: false, everything: false });
  });
});

describe('summarise', () => {
  it('counts per kind and over all, leaving out what was not asked', () => {
    const verdicts: Verdict[] = [
      [caption('object', { first: 'cat', layout: 'single' }), seen({})] as const,
      [caption('object', { first: 'cow', layout: 'single' }), seen({})] as const,
      [caption('count', { first: 'cat', layout: 'count2' }), seen({ layout: 'count2' })] as const,
    ].map(([asked, answer]) => ({ caption: asked, seed: 0, seen: answer, marks: mark(asked, answer) }));
    const { object, count, all, shape } = summarise(verdicts);
    expect(object.subject).toMatchObject({ right: 1, asked: 2, share: 0.5 });
    expect(object.count).toBeUndefined();
    expect(count.count).toMatchObject({ right: 1, asked: 1 });
    expect(all.everything).toMatchObject({ right: 2, asked: 3 });
    expect(shape).toEqual({});
  });
});
