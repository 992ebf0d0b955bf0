import { ApiError, type ApiErrorInit } from '@darkroom/client';
import { describe, expect, it } from 'vitest';
import { explain, stageWords } from './words.js';

const error = (code: ApiErrorInit['code'], more: object = {}) => new ApiError(400, { message: 'it is too long', code, ...more });

describe('explain', () => {
  it('tells which of prompt and picture was refused, why, and what to do', () => {
    const prompt = explain(error('content_policy_violation', { param: 'prompt', category: 'violence' }));
    expect(prompt.title).toMatch(/prompt/);
    expect(prompt.advice).toMatch(/violence.*Leave out/);
    expect(explain(error('content_policy_violation', { category: 'sexual' })).title).toMatch(/picture/);
    expect(explain(error('content_policy_violation', { category: 'new one' })).advice).toMatch(/policy/);
  });

  it('has words of its own for each category', () => {
    const categories = ['child_safety', 'sexual', 'self_harm', 'violence', 'hate', 'illicit', 'deception', 'trademarks'];
    const advice = categories.map((category) => explain(error('content_policy_violation', { category })).advice);
    expect(new Set(advice).size).toBe(8);
    expect(advice.join()).not.toMatch(/content policy/);
  });

  it('passes on what the server says of bad settings, as a sentence', () => {
    expect(explain(error('invalid_argument')).advice).toBe('It is too long.');
  });

  it('has words for a code that it does not know', () => {
    expect(explain(error('new_code' as ApiErrorInit['code'])).title).toBe('The picture failed');
  });
});

it('stageWords has words for each stage, and for none', () => {
  expect(stageWords('denoise')).toBe('Developing');
  expect(stageWords(undefined)).toBe('Waiting');
});
