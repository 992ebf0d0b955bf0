import { describe, expect, it } from 'vitest';
import { parseImageGenerationRequest } from './image-generation-request.js';
import { readMaiImageBody, withSize } from './mai-image-request.js';
import { pocketFamilyModel } from './parameters.js';

const pocket = pocketFamilyModel('pocket', { defaultSteps: 20, defaultGuidanceScale: 3 });
const wide = { ...pocket, id: 'wide', maxSide: 2048 };

const parse = (given: unknown, model = pocket) => {
  const { body, size } = readMaiImageBody(given);
  return withSize(parseImageGenerationRequest(body, [model]), size);
};

describe('a body in Azure’s shape', () => {
  it('means the same as one in OpenAI’s, with one PNG in base64', () => {
    const means = parseImageGenerationRequest({ model: 'pocket', prompt: 'a star', size: '320x256' }, [pocket]);
    expect(parse({ model: 'pocket', prompt: 'a star', width: 320, height: 256 })).toEqual(means);
    expect(means).toMatchObject({ width: 320, height: 256, imageCount: 1, outputFormat: 'png', responseFormat: 'b64_json' });
  });

  it('may leave the model and both sides out, by null too', () => {
    expect(parse({ prompt: 'a star' })).toMatchObject({ model: pocket, width: 256, height: 256 });
    expect(parse({ prompt: 'a star', model: null, width: null, height: null })).toMatchObject({ width: 256, height: 256 });
  });

  it.each([
    ['width', { width: 63, height: 256 }, 'a multiple of 32 from 64 to 1024'],
    ['height', { width: 256, height: 1056 }, 'a multiple of 32 from 64 to 1024'],
    ['height', { width: 256, height: 250 }, 'a multiple of 32'],
    ['width', { width: 0, height: 256 }, 'whole number'],
    ['width', { width: '256', height: 256 }, 'whole number'],
    ['height', { width: 256, height: 256.5 }, 'whole number'],
    ['height', { width: 256 }, 'needed where `width` is given'],
    ['width', { height: 256, width: null }, 'needed where `height` is given'],
    ['prompt', { prompt: ' ' }, '1 to 32,768 tokens'],
    ['size', { size: '256x256' }, 'give `width` and `height`'],
    ['n', { n: 2 }, 'one image'],
    ['auto_aspect_ratio', { auto_aspect_ratio: true }, 'give `width` and `height`'],
    ['web_grounding', { web_grounding: true }, 'leave it out'],
    ['response_format', { response_format: 'url' }, 'Supported: `model`, `prompt`, `width`, `height`'],
  ])('is refused by the name of %s: %j', (param, given, message) => {
    const refusal = { code: 'invalid_argument', param, message: expect.stringContaining(message) };
    expect(() => parse({ prompt: 'x', ...given })).toThrow(expect.objectContaining(refusal));
  });

  it('is refused for its area where each side would do', () => {
    const refusal = { param: 'width', message: expect.stringContaining('`width` times `height` at most 1,048,576') };
    expect(() => parse({ prompt: 'x', width: 2048, height: 1024 }, wide)).toThrow(expect.objectContaining(refusal));
    expect(parse({ prompt: 'x', width: 2048, height: 512 }, wide)).toMatchObject({ width: 2048, height: 512 });
  });

  it.each([undefined, null, [], 'x', 7])('is no %j', (body) => {
    expect(() => readMaiImageBody(body)).toThrow(expect.objectContaining({ code: 'invalid_argument', param: 'body' }));
  });
});
