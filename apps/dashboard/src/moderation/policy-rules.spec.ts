import type { PolicyDocumentBody } from '@darkroom/contracts/admin';
import { describe, expect, it } from 'vitest';
import { categories } from '../components/words.js';
import { isSameRule, lowInWords, ruleInWords, withAction, withRule } from './policy-rules.js';

const rules = Object.fromEntries(
  categories.map((category) => [category, { block: 2 }]),
) as PolicyDocumentBody['stages']['prompt'];
const policy: PolicyDocumentBody = {
  version: 'spec',
  stages: { prompt: rules, input_image: rules, output_image: rules },
  exemptions: [],
};

describe('rules', () => {
  it('are told in words', () => {
    expect(ruleInWords({ block: 2, warn: 1 })).toBe('warn from 1, block from 2');
    expect(ruleInWords({})).toBe('allow');
    expect(lowInWords({ block: 2, low: { block: 3 } })).toBe('at low: block from 3');
    expect(lowInWords({ block: 2 })).toBe('');
  });

  it('are changed in one place alone', () => {
    const place = { stage: 'prompt', category: 'hate' } as const;
    const changed = withRule(policy, place, withAction(policy.stages.prompt.hate, 'warn', 1));
    expect(changed.stages.prompt.hate).toEqual({ warn: 1, block: 2 });
    expect(changed.stages.output_image).toBe(policy.stages.output_image);
    expect(isSameRule(changed.stages.prompt.hate, policy.stages.prompt.hate)).toBe(false);
    expect(withAction(changed.stages.prompt.hate, 'warn', undefined)).toEqual({ block: 2 });
  });
});
