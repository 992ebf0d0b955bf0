import { gaussianNoise, tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import { checkConditioning, noiseConditioning, shapesKey } from './conditioning.js';

const shapes = { tokens: ['batch', 'length', 4], pooled: ['batch', 4] };
const conditioning = { tokens: gaussianNoise(1, [1, 7, 4]), pooled: gaussianNoise(2, [1, 4]) };

describe('checkConditioning', () => {
  it('takes what fits, whatever a free length is', () => {
    checkConditioning(conditioning, shapes);
    checkConditioning({ ...conditioning, tokens: gaussianNoise(1, [1, 9, 4]) }, shapes);
  });

  it.each([
    ['pooled is a missing conditioning', { tokens: conditioning.tokens }],
    ['other is no conditioning', { ...conditioning, other: conditioning.pooled }],
    [
      'tokens must be float32 of shape [1, length, 4], not float32 of [1, 28]',
      { ...conditioning, tokens: gaussianNoise(1, [1, 28]) },
    ],
    ['pooled must be float32 of shape [1, 4], not float32 of [2, 4]', { ...conditioning, pooled: gaussianNoise(1, [2, 4]) }],
    [
      'pooled must be float32 of shape [1, 4], not int64 of [1, 4]',
      { ...conditioning, pooled: tensor('int64', [1, 4], new BigInt64Array(4)) },
    ],
    [
      'pooled must be float32 of shape [1, 4], not float32 of [1, 4]',
      { ...conditioning, pooled: { dataType: 'float32', shape: [1, 4], data: new Float32Array(3) } as const },
    ],
    [
      'pooled has an element that is not finite',
      { ...conditioning, pooled: tensor('float32', [1, 4], Float32Array.of(0, 1, Number.NaN, 2)) },
    ],
  ])('says that %s', (message, bad) => {
    expect(() => checkConditioning(bad, shapes)).toThrow(expect.objectContaining({ param: 'conditioning', message }));
  });
});

it('the key of shapes leaves the batch out, and depends on no order', () => {
  const { tokens, pooled } = conditioning;
  expect(shapesKey({ tokens, pooled })).toBe('4|7x4');
  expect(shapesKey({ pooled, tokens })).toBe('4|7x4');
});

it('noise has the declared shapes', () => {
  checkConditioning(noiseConditioning(shapes, 3, 8), shapes);
});
