import { defaultPolicy, parsePolicyDocument } from '@darkroom/safety-policy';
import { beforeAll, describe, expect, it } from 'vitest';
import { ExemptingClassifier } from './exempting-classifier.js';
import { Exemptions } from './exemptions.js';
import type { PromptClassifier } from './prompt-classifier.js';
import { RuleClassifier } from './rules/rule-classifier.js';
import { readRuleSet } from './rules/rule-set.js';

/** Reads them as a policy has them. */
const exempt = (category: string, ...terms: string[]) =>
  new Exemptions(parsePolicyDocument({ ...defaultPolicy, exemptions: [{ category, terms, reason: 'a spec' }] }).exemptions);

describe('the rules, with exemptions', () => {
  let classifier: RuleClassifier;
  beforeAll(async () => {
    classifier = new RuleClassifier(await readRuleSet());
  });
  const found = async (prompt: string, exemptions?: Exemptions) => {
    const { findings } = await classifier.classify(prompt, exemptions);
    return findings.flatMap(({ reason }) => (reason === '' ? [] : [reason]));
  };

  it.each([
    ['as it is written', 'fake nike sneakers'],
    ['in capitals', 'fake NIKE sneakers'],
    ['spaced out', 'fake n.i.k.e sneakers'],
    ['with letters of another script', 'fake niке sneakers'],
    ['with signs for letters', 'fake n1ke sneakers'],
    ['backwards', 'srekaens ekin ekaf'],
    ['in base64', Buffer.from('fake nike sneakers').toString('base64')],
  ])('leave out a word %s', async (_how, prompt) => {
    expect(await found(prompt)).toContain('trademarks.counterfeit');
    expect(await found(prompt, exempt('trademarks', 'Nike'))).toEqual([]);
  });

  it('find what else is there, and in other categories the word itself', async () => {
    const own = exempt('trademarks', 'Nike');
    expect(await found('fake nike sneakers, fake gucci bag', own)).toEqual(['trademarks.counterfeit']);
    expect(await found('a naked child in nike shoes', own)).toEqual(['child_safety.sexualised', 'sexual.nudity']);
    const gore = exempt('trademarks', 'gore');
    expect(await found('gore and entrails', gore)).toEqual(['violence.graphic']);
    expect(await found('a naked celebrity', exempt('deception', 'naked', 'celebrity'))).toContain('sexual.real_person');
  });

  it.each([
    ['a part of a word', 'entrails', ['trail', 'entrail gore']],
    ['a longer phrase that is not there', 'gore', ['gore tex']],
    ['where a masked letter may be another', 'entra*ls everywhere', ['entrauls']],
    ['where a letter is drawn out', 'gooore everywhere', ['goore']],
  ])('are not loosened by %s', async (_how, prompt, terms) => {
    expect(await found(prompt)).toEqual(['violence.graphic']);
    expect(await found(prompt, exempt('violence', ...terms))).toEqual(['violence.graphic']);
  });

  it('join nothing across a word that is exempt', async () => {
    const gore = exempt('violence', 'gore');
    expect(await found('a severed head')).toEqual(['violence.graphic']);
    expect(await found('a severed gore head', gore)).toEqual([]);
    expect(await found('gogorere', gore)).toEqual([]);
  });

  it('take signs in a term for gaps, and none for a wildcard', async () => {
    for (const prompt of ['the exact logo of coca-cola', 'the exact logo of coca cola', 'the exact logo of cocacola']) {
      expect(await found(prompt), prompt).toEqual(['trademarks.logo_copy']);
      expect(await found(prompt, exempt('trademarks', 'Coca-Cola®')), prompt).toEqual([]);
    }
    expect(await found('fake nike sneakers', exempt('trademarks', 'ni*', '{ni}'))).toEqual(['trademarks.counterfeit']);
  });

  it('excuse a prompt no less for having words that are exempt', async () => {
    expect(await found('a nazi flag')).toEqual(['hate.symbol']);
    expect(await found('a nazi flag in the acme museum', exempt('hate', 'acme museum'))).toEqual([]);
  });
});

describe('a classifier of whole texts, with exemptions', () => {
  /** Finds violence in a text by how often it says "kill", and hate where it says "kill" and "them" as neighbours. */
  const asked: string[] = [];
  const counting: PromptClassifier = {
    classifiers: ['counting 1'],
    classify: async (prompt) => {
      asked.push(prompt);
      const severity = Math.min(3, prompt.match(/kill/g)?.length ?? 0) as 0 | 1 | 2 | 3;
      const isHate = prompt.includes('killthem');
      return {
        findings: [
          { category: 'violence', score: severity / 3, severity, reason: severity > 0 ? 'violence.counted' : '' },
          { category: 'hate', score: isHate ? 1 : 0, severity: isHate ? 3 : 0, reason: isHate ? 'hate.counted' : '' },
        ],
        isStrict: false,
      };
    },
  };
  const classifier = new ExemptingClassifier(counting);
  const severities = async (prompt: string, exemptions?: Exemptions) =>
    (await classifier.classify(prompt, exemptions)).findings.map(({ severity }) => severity);

  it('is asked again only where it found something, and words are exempt from that', async () => {
    asked.length = 0;
    const kill = exempt('violence', 'Kill Bill');
    expect(await severities('kill bill, kill', kill)).toEqual([1, 0]);
    expect(asked).toEqual(['kill bill, kill', ' , kill']);
    asked.length = 0;
    expect(await severities('a red apple and bill', kill)).toEqual([0, 0]);
    expect(await severities('kill, but bill', kill)).toEqual([1, 0]);
    expect(await severities('kill bill')).toEqual([1, 0]);
    expect(asked).toEqual(['a red apple and bill', 'kill, but bill', 'kill bill']);
  });

  it('reads no word that was none before', async () => {
    const own = exempt('violence', 'acme');
    expect(await severities('kill acme them', own)).toEqual([1, 0]);
    expect(await severities('killacmethem', own)).toEqual([1, 0]);
    expect(await severities('ki acme ll', own)).toEqual([0, 0]);
  });
});
