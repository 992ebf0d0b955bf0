import { describe, expect, it } from 'vitest';
import { imageEditBody, parseImageEditRequest, typedFields } from './image-edit-request.js';
import { imageGenerationBody } from './image-generation-request.js';
import { pocketFamilyModel } from './parameters.js';
import { isDrawn, sizeLike } from './size.js';

const model = pocketFamilyModel('pocket', { defaultSteps: 20, defaultGuidanceScale: 4 });
const picture = { width: 256, height: 192, isMasked: false };

describe('parseImageEditRequest', () => {
  it('fills in the defaults of a generation, and those of an edit', () => {
    expect(parseImageEditRequest({ prompt: 'x' }, [model], picture)).toMatchObject({
      ...{ width: 256, height: 192, steps: 20, strength: 0.8 },
    });
    expect(parseImageEditRequest({ prompt: 'x' }, [model], { ...picture, isMasked: true }).strength).toBe(1);
    expect(parseImageEditRequest({ prompt: 'x', size: '64x64', strength: 0.01 }, [model], picture)).toMatchObject({
      ...{ width: 64, height: 64, strength: 0.01 },
    });
  });

  it.each([0, 0.009, 1.001, -1, '0.5'])('refuses a strength of %j, with its range', (strength) => {
    expect(() => parseImageEditRequest({ prompt: 'x', strength }, [model], picture)).toThrow(
      '`strength` must be a number from 0.01 to 1',
    );
  });

  it('says what to do instead of what only other models have', () => {
    expect(() => parseImageEditRequest({ prompt: 'x', input_fidelity: 'high' }, [model], picture)).toThrow(/`strength`/);
  });

  it('has every parameter of a generation', () => {
    expect(Object.keys(imageEditBody.shape)).toEqual(expect.arrayContaining(Object.keys(imageGenerationBody.shape)));
  });
});

describe('typedFields', () => {
  it('gives texts the types of their parameters', () => {
    expect(
      typedFields({ n: '2', strength: '0.5', seed: '1e3', stream: 'true', keep_on_disconnect: 'false', prompt: '12' }),
    ).toEqual({
      ...{ n: 2, strength: 0.5, seed: 1000, stream: true, keep_on_disconnect: false, prompt: '12' },
    });
  });

  it.each(['', ' ', '0x10', '1,5', 'Infinity', 'NaN', '1_000', '٣', '--1'])('leaves %j a text, which no number is', (text) => {
    expect(typedFields({ n: text })).toEqual({ n: text });
  });

  it('leaves what it does not know', () => {
    expect(typedFields({ style: '1', toString: '1' })).toEqual({ style: '1', toString: '1' });
  });
});

describe('sizeLike', () => {
  it.each([
    [256, 256],
    [64, 1024],
    [64, 64],
    [224, 288],
  ])('keeps %d x %d, which the model draws', (width, height) => {
    expect(sizeLike({ width, height }, model)).toEqual({ width, height });
  });

  it('draws every shape, at about the size that the model is used to', () => {
    for (const width of [1, 5, 63, 100, 255, 999, 4096, 16_384]) {
      for (const height of [1, 7, 64, 257, 1000, 3000, 16_384]) {
        const size = sizeLike({ width, height }, model);
        expect(isDrawn(size, model), `${width}x${height}`).toBe(true);
        expect(size.width * size.height, `${width}x${height}`).toBeLessThanOrEqual(256 * 256 * 1.25);
        expect(size.width >= size.height || width < height, `${width}x${height}`).toBe(true);
      }
    }
  });
});
