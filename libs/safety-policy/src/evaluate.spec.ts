import { sexualisedRealPerson } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from './default-policy.js';
import { evaluate, type Finding } from './evaluate.js';
import { parsePolicyDocument } from './policy-document.js';
import { actionAt } from './rule.js';

const prompt = { stage: 'prompt', level: 'auto' } as const;
const found = (category: string, severity: number, reason = `${category}.any`): Finding => ({
  category,
  severity,
  score: 1,
  reason,
});

/** The default policy with other rules for prompts. */
const withPromptRules = (rules: object) =>
  parsePolicyDocument({
    ...defaultPolicy,
    stages: { ...defaultPolicy.stages, prompt: { ...defaultPolicy.stages.prompt, ...rules } },
  });

describe('evaluate', () => {
  it('allows what nothing is found in', () => {
    expect(evaluate([], defaultPolicy, prompt)).toEqual({ action: 'allow', category: undefined, reason: '' });
    expect(evaluate([found('sexual', 0, '')], defaultPolicy, prompt).action).toBe('allow');
  });

  it('does the strongest thing that any finding asks for, and names the gravest category that asks for it', () => {
    const policy = withPromptRules({ hate: { warn: 1, blur: 2, block: 3 }, violence: { block: 3 }, sexual: { block: 2 } });
    const outcome = (...findings: Finding[]) => evaluate(findings, policy, prompt);
    expect(outcome(found('hate', 1))).toEqual({ action: 'warn', category: 'hate', reason: 'hate.any' });
    expect(outcome(found('hate', 2), found('violence', 2)).action).toBe('blur');
    expect(outcome(found('hate', 1), found('violence', 3))).toMatchObject({ action: 'block', category: 'violence' });
    expect(outcome(found('hate', 3), found('violence', 3), found('sexual', 2))).toMatchObject({ category: 'sexual' });
  });

  it('is looser at low where the policy says so, and nowhere else', () => {
    const low = { stage: 'prompt', level: 'low' } as const;
    expect(evaluate([found('violence', 2)], defaultPolicy, prompt).action).toBe('block');
    expect(evaluate([found('violence', 2)], defaultPolicy, low).action).toBe('allow');
    expect(evaluate([found('violence', 3)], defaultPolicy, low).action).toBe('block');
    expect(evaluate([found('hate', 2)], defaultPolicy, low).action).toBe('block');
    expect(evaluate([found('violence', 2)], defaultPolicy, { stage: 'output_image', level: 'low' }).action).toBe('block');
  });

  it('blocks child safety and sexualised real people whatever the policy says', () => {
    const lax = withPromptRules({ sexual: {} });
    expect(evaluate([found('sexual', 3)], lax, prompt).action).toBe('allow');
    expect(evaluate([found('sexual', 1, sexualisedRealPerson)], lax, prompt).action).toBe('block');
    expect(evaluate([found('child_safety', 1)], lax, { stage: 'output_image', level: 'low' }).action).toBe('block');
  });

  it.each([
    { ...found('sexual', 1), score: Number.NaN },
    { ...found('sexual', 1), score: 1.1 },
    { ...found('sexual', 1), score: -0.1 },
    found('sexual', 4),
    found('sexual', 1.5),
    found('sexual', Number.NaN),
    found('minors', 1),
  ])('decides nothing about %j', (finding) => {
    expect(() => evaluate([found('hate', 3), finding], defaultPolicy, prompt)).toThrow(TypeError);
  });
});

describe('actionAt', () => {
  it('takes the strongest action whose severity is reached', () => {
    const rule = { warn: 1, blur: 2, block: 3 };
    expect([0, 1, 2, 3].map((severity) => actionAt(rule, severity))).toEqual(['allow', 'warn', 'blur', 'block']);
    expect([0, 1, 2, 3].map((severity) => actionAt({ blur: 2 }, severity))).toEqual(['allow', 'allow', 'blur', 'blur']);
    // What is blocked is not also blurred.
    expect(actionAt({ warn: 2, blur: 3, block: 1 }, 3)).toBe('block');
  });
});
