import { gaussianNoise, tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import { takeLatents } from './latent-distribution.js';

/** Two channels of means, then two of logarithms of variances: 4, 1, far too small, far too large. */
const parameters = tensor('float32', [1, 4, 1, 2], Float32Array.of(1, -1, 0.5, 3, Math.log(4), 0, -1000, 1000));

describe('takeLatents', () => {
  it('takes the mean without a seed', () => {
    expect(takeLatents(parameters, 2)).toEqual(tensor('float32', [1, 2, 1, 2], Float32Array.of(1, -1, 0.5, 3)));
  });

  it('draws mean + deviation * noise with one, the deviation kept between e^-15 and e^10', () => {
    const noise = gaussianNoise(7, [1, 2, 1, 2]).data as unknown as [number, number, number, number];
    const expected = [1 + 2 * noise[0], -1 + noise[1], 0.5 + Math.exp(-15) * noise[2], 3 + Math.exp(10) * noise[3]];
    const { data } = takeLatents(parameters, 2, 7);
    for (const [i, value] of expected.entries()) {
      expect(Math.abs((data[i] as number) - value)).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
    }
    expect(takeLatents(parameters, 2, 7)).toEqual(takeLatents(parameters, 2, 7));
    expect(takeLatents(parameters, 2, 8).data).not.toEqual(data);
  });

  it('has nothing to draw where the encoder gives the mean alone', () => {
    expect(takeLatents(parameters, 4, 7)).toEqual(parameters);
  });

  it('refuses any other number of channels', () => {
    expect(() => takeLatents(parameters, 3)).toThrow(expect.objectContaining({ code: 'model_damaged' }));
  });
});
