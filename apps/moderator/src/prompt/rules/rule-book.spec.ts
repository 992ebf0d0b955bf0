import { beforeAll, describe, expect, it } from 'vitest';
import { RuleBook } from './rule-book.js';
import { type RuleSet, readRuleSet } from './rule-set.js';

let shipped: RuleSet;
beforeAll(async () => {
  shipped = await readRuleSet();
});

const nothing = { about: 'nothing', rules: [], innocent: [] };

/** A book of one rule, or some, in the category `violence`. */
function book(...rules: { terms: string[]; near?: string[]; followed_by?: string[]; unless?: string[]; severity?: 1 | 2 | 3 }[]) {
  const complete = rules.map(({ near, followed_by, unless, severity = 2, terms }, index) => ({
    ...{ reason: `rule_${String.fromCharCode(97 + index)}`, severity, terms, near, followed_by, unless },
  }));
  const promptRules = Object.fromEntries(Object.keys(shipped.promptRules).map((category) => [category, nothing]));
  const violence = { ...nothing, rules: complete, innocent: ['killer whale'] };
  return new RuleBook({ ...shipped, promptRules: { ...promptRules, violence } as RuleSet['promptRules'] });
}

const reasons = (rules: RuleBook, text: string, asWritten = true) => [
  ...new Set([...rules.broken(rules.find(text, rules.innocentIn(text), asWritten))].map(({ reason }) => reason)),
];

describe('a rule', () => {
  it('is broken by any of its terms', () => {
    const rules = book({ terms: ['gore', 'torture'] });
    expect(reasons(rules, 'a torture scene')).toEqual(['violence.rule_a']);
    expect(reasons(rules, 'a peaceful scene')).toEqual([]);
  });

  it('with `near` needs another term within a sentence, before or after', () => {
    const rules = book({ terms: ['killer'], near: ['man'] });
    for (const text of ['a man and a killer', 'a killer and a man']) expect(reasons(rules, text)).toHaveLength(1);
    expect(reasons(rules, `a killer ${'and so on '.repeat(15)} a man`)).toEqual([]);
    expect(reasons(rules, 'a killer')).toEqual([]);
  });

  it('with `followed_by` needs another term within two words, after it', () => {
    const rules = book({ terms: ['stabbing'], followed_by: ['man', 'him'] });
    expect(reasons(rules, 'stabbing an old man')).toHaveLength(1);
    for (const text of ['a man stabbing a cake', 'stabbing a piece of cheese for him']) expect(reasons(rules, text)).toEqual([]);
  });

  it('with `unless` is not broken in a context that means no harm', () => {
    const rules = book({ terms: ['torture'], unless: ['museum'] });
    expect(reasons(rules, 'torture')).toHaveLength(1);
    expect(reasons(rules, 'a museum of torture')).toEqual([]);
    expect(reasons(rules, `torture ${'and so on '.repeat(15)} a museum`)).toHaveLength(1);
  });

  it('leaves innocent phrases alone, but not what stands beside them', () => {
    const rules = book({ terms: ['killer', 'whale killer'] });
    expect(reasons(rules, 'a killer whale')).toEqual([]);
    expect(reasons(rules, 'a killer whale and a killer')).toHaveLength(1);
    expect(reasons(rules, 'a whale killer whale')).toHaveLength(1);
  });
});

describe('a reading that chance has a part in', () => {
  it('doesn’t count short terms, beginnings of short words, and those that the settings keep out', () => {
    const rules = book({ terms: ['gun', 'porn*', 'decapitat*', ...shipped.prompt.plain_only.slice(0, 1)] });
    expect(reasons(rules, 'gun porng', false)).toEqual([]);
    expect(reasons(rules, shipped.prompt.plain_only[0] ?? '', false)).toEqual([]);
    expect(reasons(rules, 'porn', false)).toHaveLength(1);
    expect(reasons(rules, 'decapitated', false)).toHaveLength(1);
  });
});
