import { sexualisedRealPerson } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { decide, type Finding } from './verdict.js';

const judges = { classifiers: ['c'], policy: { version: 'v', digest: 'sha256:0' }, level: 'low' as const };

describe('decide', () => {
  const suggestive: Finding = { category: 'sexual', score: 0.9, severity: 1, reason: 'sexual.suggestive' };
  const violent: Finding = { category: 'violence', score: 1, severity: 2, reason: 'violence.graphic' };

  it('refuses from a category’s severity on, not below it, and keeps every score', () => {
    expect(decide([suggestive, violent], { sexual: 2, violence: 2 }, judges)).toEqual({
      allowed: false,
      category: 'violence',
      scores: [suggestive, violent],
      classifiers: ['c'],
      policyVersion: 'v',
      policyDigest: 'sha256:0',
      calibration: '',
      action: 'block',
      reason: 'violence.graphic',
      decisionId: '',
      level: 'low',
    });
    expect(decide([suggestive, violent], { sexual: 2, violence: 3 }, judges)).toMatchObject({
      allowed: true,
      category: '',
      action: 'allow',
      reason: '',
    });
    expect(decide([suggestive], {}, judges).allowed).toBe(true);
  });

  it('names the category that comes first in the taxonomy', () => {
    const worse: Finding = { ...suggestive, severity: 2 };
    expect(decide([violent, worse], { sexual: 2, violence: 2 }, judges).category).toBe('sexual');
  });

  it('refuses what no policy may let through, whatever the policy says', () => {
    const child: Finding = { category: 'child_safety', score: 1, severity: 1, reason: 'child_safety.abuse' };
    const person: Finding = { category: 'sexual', score: 1, severity: 3, reason: sexualisedRealPerson };
    for (const finding of [child, person]) {
      expect(decide([finding], { child_safety: 4, sexual: 4 }, judges)).toMatchObject({
        allowed: false,
        category: finding.category,
      });
    }
  });

  it.each([Number.NaN, -0.1, 1.1, Number.POSITIVE_INFINITY])('gives no verdict on a score of %d', (score) => {
    expect(() => decide([{ ...suggestive, score }], { sexual: 2 }, judges)).toThrow(TypeError);
  });
});
