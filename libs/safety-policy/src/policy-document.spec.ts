import { describe, expect, it } from 'vitest';
import { defaultPolicy } from './default-policy.js';
import { parsePolicyDocument, policyDigest, readPolicy } from './policy-document.js';

const { stages } = defaultPolicy;
const withStage = (stage: keyof typeof stages, rules: object) => ({
  ...defaultPolicy,
  stages: { ...stages, [stage]: { ...stages[stage], ...rules } },
});

describe('parsePolicyDocument', () => {
  it('reads what was written', () => {
    expect(parsePolicyDocument(JSON.parse(JSON.stringify(defaultPolicy)))).toEqual(defaultPolicy);
  });

  it.each([
    ['a severity that there is not', withStage('prompt', { hate: { block: 4 } }), /stages\.prompt\.hate\.block/],
    ['an action that there is not', withStage('prompt', { hate: { burn: 2 } }), /burn/],
    ['a category that there is not', withStage('prompt', { rudeness: { block: 2 } }), /rudeness/],
    ['a category less', { ...defaultPolicy, stages: { ...stages, prompt: { hate: { block: 2 } } } }, /child_safety/],
    ['a stage less', { ...defaultPolicy, stages: { prompt: stages.prompt } }, /input_image/],
    [
      'child safety from severity 2 on',
      withStage('output_image', { child_safety: { block: 2 } }),
      /is blocked from severity 1 on/,
    ],
    ['child safety loosened at low', withStage('prompt', { child_safety: { block: 1, low: {} } }), /at every level/],
    ['more at low than otherwise', withStage('prompt', { hate: { block: 3, low: { block: 2 } } }), /more at the level low/],
    ['other things at low', withStage('prompt', { hate: { warn: 1, low: { blur: 3 } } }), /more at the level low/],
    [
      'an exemption from child safety',
      { ...defaultPolicy, exemptions: [{ category: 'child_safety', terms: ['school'], reason: 'a school' }] },
      /nobody is exempt from child_safety/,
    ],
    [
      'an exemption of next to nothing',
      { ...defaultPolicy, exemptions: [{ category: 'hate', terms: ['a!'], reason: 'a brand' }] },
      /two letters or digits/,
    ],
    ['no version', { ...defaultPolicy, version: ' ' }, /version/],
  ])('refuses %s', (_name, document, message) => {
    expect(() => parsePolicyDocument(document)).toThrow(message);
  });

  it('takes exemptions with their reasons', () => {
    const exemptions = [{ category: 'trademarks', terms: ['Acme'], reason: 'our own brand' }];
    expect(parsePolicyDocument({ ...defaultPolicy, exemptions }).exemptions).toEqual(exemptions);
  });
});

describe('readPolicy', () => {
  it('reads what the digest is of, and nothing else', () => {
    const json = JSON.stringify(defaultPolicy);
    expect(readPolicy(json, policyDigest(defaultPolicy))).toEqual(defaultPolicy);
    expect(() => readPolicy(json.replace('"block":2', '"block":3'), policyDigest(defaultPolicy))).toThrow(
      /digest sha256:.* and not/,
    );
  });
});
