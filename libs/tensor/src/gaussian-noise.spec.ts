import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import golden from '../golden/gaussian-noise.json' with { type: 'json' };
import { gaussianNoise } from './gaussian-noise.js';
import { tensorToBytes } from './tensor.js';

describe('gaussianNoise', () => {
  it.each(golden.noise)('is, for seed $seed, the float32 nearest to 50-digit arithmetic', ({ seed, values }) => {
    expect([...gaussianNoise(seed, [values.length]).data]).toEqual(values);
  });

  it('is so for every one of the 65,536 latents of a 1024-pixel image', () => {
    const digest = createHash('sha256')
      .update(tensorToBytes(gaussianNoise(7, [1, 16, 64, 64])))
      .digest('hex');
    expect(digest).toBe(golden.sha256_of_1_16_64_64_seed_7);
  });

  it('has the moments of a standard Gaussian', () => {
    const { data } = gaussianNoise(1, [1_000_000]);
    const moment = (power: number) => data.reduce((sum, x) => sum + x ** power, 0) / data.length;
    expect(moment(1)).toBeCloseTo(0, 2);
    expect(moment(2)).toBeCloseTo(1, 2);
    expect(moment(3)).toBeCloseTo(0, 1);
    expect(moment(4)).toBeCloseTo(3, 1);
  });

  it('fills a shape whose size is no multiple of four with the head of a longer draw', () => {
    expect([...gaussianNoise(3, [5]).data]).toEqual([...gaussianNoise(3, [8]).data.subarray(0, 5)]);
  });

  it('differs between neighbouring seeds', () => {
    expect(gaussianNoise(1, [64]).data).not.toEqual(gaussianNoise(2, [64]).data);
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN])('refuses seed %s', (seed) => {
    expect(() => gaussianNoise(seed, [4])).toThrow(/seed is a whole number from 0 to 4294967295/);
  });
});
