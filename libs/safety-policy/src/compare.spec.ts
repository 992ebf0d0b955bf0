import { describe, expect, it } from 'vitest';
import { compare, type StoredDecision } from './compare.js';
import { defaultPolicy } from './default-policy.js';
import { parsePolicyDocument } from './policy-document.js';

const { stages } = defaultPolicy;
const decision = (id: number, category: string, severity: number): StoredDecision => ({
  id: `dec_${id}`,
  ...{ stage: 'prompt', level: 'auto' },
  findings: [{ category, severity, score: 1, reason: severity === 0 ? '' : `${category}.any` }],
});

describe('compare', () => {
  it('tells what would have come out otherwise, the most frequent first, with examples', () => {
    const after = parsePolicyDocument({
      ...defaultPolicy,
      stages: { ...stages, prompt: { ...stages.prompt, hate: { warn: 1, block: 3 }, illicit: { blur: 1, block: 2 } } },
    });
    const decisions = [
      ...Array.from({ length: 7 }, (_, id) => decision(id, 'hate', 2)),
      decision(7, 'hate', 3),
      decision(8, 'illicit', 1),
      decision(9, 'sexual', 2),
      decision(10, 'sexual', 0),
    ];
    expect(compare(decisions, defaultPolicy, after)).toEqual({
      decisions: 11,
      changed: 8,
      changes: [
        {
          ...{ stage: 'prompt', category: 'hate', from: 'block', to: 'warn', count: 7 },
          examples: ['dec_0', 'dec_1', 'dec_2', 'dec_3', 'dec_4'],
        },
        { stage: 'prompt', category: 'illicit', from: 'allow', to: 'blur', count: 1, examples: ['dec_8'] },
      ],
    });
  });

  it('finds nothing between a policy and itself', () => {
    expect(compare([decision(1, 'hate', 2)], defaultPolicy, defaultPolicy)).toEqual({ decisions: 1, changed: 0, changes: [] });
  });
});
