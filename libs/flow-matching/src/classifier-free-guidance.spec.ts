import { describe, expect, it } from 'vitest';
import { classifierFreeGuidance, needsGuidance } from './classifier-free-guidance.js';

describe('classifierFreeGuidance', () => {
  const negative = Float32Array.of(1, -2, 0);
  const positive = Float32Array.of(2, -2, 0.5);

  it.each([
    [0, [1, -2, 0]],
    [1, [2, -2, 0.5]],
    [4, [5, -2, 2]],
  ])('with scale %d goes that far from the negative through the positive', (scale, expected) => {
    const out = new Float32Array(3);
    classifierFreeGuidance(negative, positive, scale, out);
    expect([...out]).toEqual(expected);
  });

  it('may overwrite an input', () => {
    const out = positive.slice();
    classifierFreeGuidance(negative, out, 4, out);
    expect([...out]).toEqual([5, -2, 2]);
  });
});

describe('needsGuidance', () => {
  it('leaves the second pass out up to a scale of 1', () => {
    expect([0, 1, 1.01, 4].map(needsGuidance)).toEqual([false, false, true, true]);
  });
});
