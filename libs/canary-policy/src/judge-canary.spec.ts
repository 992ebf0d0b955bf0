import { describe, expect, it } from 'vitest';
import { defaultThresholds, judgeCanary } from './judge-canary.js';

const outcomes = (ended: number, failed = 0, refused = 0) => ({ ended, failed, refused });
const verdict = (stable: ReturnType<typeof outcomes>, canary: ReturnType<typeof outcomes>) =>
  judgeCanary(stable, canary, defaultThresholds).verdict;

describe('a canary', () => {
  it('is not judged by a few generations', () => {
    expect(verdict(outcomes(10_000), outcomes(49, 49))).toBe('too_few');
    expect(verdict(outcomes(49), outcomes(10_000, 10_000))).toBe('too_few');
    expect(verdict(outcomes(50), outcomes(50, 50))).toBe('worse');
  });

  it('is good when it is like the model, or better', () => {
    expect(verdict(outcomes(1_000, 30, 40), outcomes(100, 3, 4))).toBe('good');
    expect(verdict(outcomes(1_000, 300), outcomes(100))).toBe('good');
  });

  it('is worse when it fails more often than the threshold and chance explain, and says so', () => {
    const judged = judgeCanary(outcomes(1_000, 10), outcomes(100, 12), defaultThresholds);
    expect(judged).toMatchObject({ verdict: 'worse', errors: { isWorse: true }, refusals: { isWorse: false } });
    expect(judged.reason).toMatch(/^12\.0 % of the revision's generations failed \(12 of 100\), and 1\.0 % of the model's; p = /);
  });

  it('is worse when more of its pictures are refused', () => {
    const judged = judgeCanary(outcomes(2_000, 0, 20), outcomes(200, 0, 16), defaultThresholds);
    expect(judged).toMatchObject({ verdict: 'worse', errors: { isWorse: false }, refusals: { isWorse: true } });
  });

  it('is not worse for an excess that is real and small, nor for one that is large and may be chance', () => {
    // 1.5 points more, of so many that it is no chance.
    const small = judgeCanary(outcomes(100_000, 1_000), outcomes(100_000, 2_500), defaultThresholds);
    expect(small.errors.pValue).toBeLessThan(1e-9);
    expect(small.verdict).toBe('good');
    // 8 points more, by four generations.
    expect(verdict(outcomes(50), outcomes(50, 4))).toBe('good');
    const large = judgeCanary(outcomes(60, 3), outcomes(60, 9), defaultThresholds);
    expect(large.errors.pValue).toBeGreaterThan(0.001);
    expect(large.verdict).toBe('good');
  });

  it('that is like the model is hardly ever taken for worse', () => {
    // Pairs of revisions of which each generation fails with 10 %, from a linear congruential generator (Knuth's MMIX constants).
    let state = 1n;
    const fails = () => {
      state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
      return Number(state >> 33n) / 2 ** 31 < 0.1;
    };
    const draw = (ended: number) => outcomes(ended, Array.from({ length: ended }, fails).filter(Boolean).length);
    const wrong = Array.from({ length: 1_000 }, () => verdict(draw(400), draw(100))).filter((one) => one === 'worse');
    // One of a thousand is expected; nine would come once in a million times.
    expect(wrong.length).toBeLessThan(9);
  });
});
