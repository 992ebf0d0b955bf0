import { sexualisedRealPerson } from '@darkroom/contracts';
import { defaultPolicy, offPolicy, parsePolicyDocument } from '@darkroom/safety-policy';
import { describe, expect, it } from 'vitest';
import { activePolicy, usualPolicy } from './policies.js';
import { type Finding, verdictOf } from './verdict.js';

const judged = {
  stage: 'negative_prompt',
  level: 'low',
  classifiers: ['c'],
  calibrations: ['c: sexual >= 0.5', 'd: hate >= 0.9'],
} as const;
const suggestive: Finding = { category: 'sexual', score: 0.9, severity: 1, reason: 'sexual.suggestive' };
const violent: Finding = { category: 'violence', score: 1, severity: 3, reason: 'violence.graphic' };

describe('verdictOf', () => {
  it('says what the policy does about the findings, and everything that it takes to come to it again', () => {
    expect(verdictOf([suggestive, violent], usualPolicy, judged)).toEqual({
      allowed: false,
      category: 'violence',
      scores: [suggestive, violent],
      classifiers: ['c'],
      policyVersion: defaultPolicy.version,
      policyDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      calibration: 'c: sexual >= 0.5; d: hate >= 0.9',
      action: 'block',
      reason: 'violence.graphic',
      decisionId: '',
      level: 'low',
    });
    expect(verdictOf([suggestive], usualPolicy, judged)).toMatchObject({
      ...{ allowed: true, category: '', action: 'allow', reason: '' },
    });
  });

  it('lets pass with a word of warning, and what is to be blurred', () => {
    const { stages } = defaultPolicy;
    const document = { ...defaultPolicy, stages: { ...stages, output_image: { ...stages.output_image, sexual: { blur: 1 } } } };
    const policy = activePolicy(parsePolicyDocument(document));
    for (const stage of ['partial_image', 'output_image'] as const) {
      expect(verdictOf([suggestive], policy, { ...judged, stage })).toMatchObject({
        ...{ allowed: true, action: 'blur', category: 'sexual', reason: 'sexual.suggestive' },
      });
    }
    const brand: Finding = { category: 'trademarks', score: 1, severity: 1, reason: 'trademarks.named' };
    expect(verdictOf([brand], usualPolicy, judged)).toMatchObject({ allowed: true, action: 'warn', category: 'trademarks' });
  });

  it('has another digest for another policy', () => {
    expect(activePolicy({ ...defaultPolicy, version: 'other' }).digest).not.toBe(usualPolicy.digest);
  });

  it.each([Number.NaN, -0.1, 1.1, Number.POSITIVE_INFINITY])('is not given on a score of %d', (score) => {
    expect(() => verdictOf([{ ...suggestive, score }], usualPolicy, judged)).toThrow(TypeError);
  });
});

describe('a policy that is off', () => {
  const off = activePolicy(offPolicy(defaultPolicy));

  it('says so, and lets all pass but what no policy may let through', () => {
    expect(verdictOf([violent], off, judged)).toMatchObject({ allowed: true, policyVersion: `${defaultPolicy.version}+off` });
    const person: Finding = { category: 'sexual', score: 1, severity: 3, reason: sexualisedRealPerson };
    const child: Finding = { category: 'child_safety', score: 1, severity: 1, reason: 'child_safety.abuse' };
    for (const finding of [person, child]) expect(verdictOf([finding], off, judged).allowed).toBe(false);
  });
});
