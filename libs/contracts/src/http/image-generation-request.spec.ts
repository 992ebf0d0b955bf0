import { describe, expect, it } from 'vitest';
import { DarkroomError } from '../error/darkroom-error.js';
import { parseImageGenerationRequest, tooManyTokens } from './image-generation-request.js';
import { pocketFamilyModel } from './parameters.js';

const models = [
  pocketFamilyModel('pocket', { defaultSteps: 20, defaultGuidanceScale: 4 }),
  pocketFamilyModel('other', { defaultSteps: 4, defaultGuidanceScale: 1 }),
];

function refusal(body: unknown): DarkroomError {
  try {
    parseImageGenerationRequest(body, models);
  } catch (error) {
    if (error instanceof DarkroomError) return error;
    throw error;
  }
  throw new Error(`accepted ${JSON.stringify(body)}`);
}

describe('parseImageGenerationRequest', () => {
  it('fills in the defaults', () => {
    expect(parseImageGenerationRequest({ prompt: 'a red apple' }, models)).toEqual({
      prompt: 'a red apple',
      negativePrompt: '',
      model: models[0],
      imageCount: 1,
      width: 256,
      height: 256,
      responseFormat: 'b64_json',
      outputFormat: 'png',
      seed: undefined,
      steps: 20,
      guidanceScale: 4,
    });
  });

  it("leaves steps and guidance to the model's own defaults", () => {
    const request = parseImageGenerationRequest({ prompt: 'a red apple', model: 'other' }, models);
    expect(request).toMatchObject({ model: models[1], steps: 4, guidanceScale: 1 });
  });

  it('takes every parameter', () => {
    const body = {
      prompt: ' spaces stay ',
      model: 'other',
      n: 10,
      size: '1024x64',
      response_format: 'url',
      output_format: 'webp',
      seed: 4294967295,
      steps: 100,
      guidance_scale: 0,
      negative_prompt: 'blur',
    };
    expect(parseImageGenerationRequest(body, models)).toMatchObject({
      prompt: ' spaces stay ',
      model: { id: 'other' },
      imageCount: 10,
      width: 1024,
      height: 64,
      responseFormat: 'url',
      outputFormat: 'webp',
      seed: 4294967295,
      steps: 100,
      guidanceScale: 0,
      negativePrompt: 'blur',
    });
  });

  it('reads null as not given, as OpenAI does', () => {
    expect(parseImageGenerationRequest({ prompt: 'x', n: null, size: null, seed: null }, models)).toMatchObject({
      imageCount: 1,
      width: 256,
      seed: undefined,
    });
  });

  it.each([
    ['prompt', {}, '1 to 32,768 tokens'],
    ['prompt', { prompt: '' }, '1 to 32,768 tokens'],
    ['prompt', { prompt: ' \n' }, '1 to 32,768 tokens'],
    ['prompt', { prompt: 7 }, '1 to 32,768 tokens'],
    ['prompt', { prompt: '\ud800' }, 'well-formed'],
    ['n', { prompt: 'x', n: 0 }, 'from 1 to 10'],
    ['n', { prompt: 'x', n: 11 }, 'from 1 to 10'],
    ['n', { prompt: 'x', n: 1.5 }, 'from 1 to 10'],
    ['n', { prompt: 'x', n: '2' }, 'from 1 to 10'],
    ['steps', { prompt: 'x', steps: 0 }, 'from 1 to 100'],
    ['steps', { prompt: 'x', steps: 1000 }, 'from 1 to 100'],
    ['guidance_scale', { prompt: 'x', guidance_scale: -1 }, 'from 0 to 20'],
    ['guidance_scale', { prompt: 'x', guidance_scale: 20.5 }, 'from 0 to 20'],
    ['seed', { prompt: 'x', seed: -1 }, 'from 0 to 4294967295'],
    ['seed', { prompt: 'x', seed: 4294967296 }, 'from 0 to 4294967295'],
    ['size', { prompt: 'x', size: '250x256' }, 'multiple of 32'],
    ['size', { prompt: 'x', size: '1056x64' }, 'from 64 to 1024'],
    ['size', { prompt: 'x', size: '32x64' }, 'from 64 to 1024'],
    ['size', { prompt: 'x', size: '256' }, 'WIDTHxHEIGHT'],
    ['size', { prompt: 'x', size: '256X256' }, 'WIDTHxHEIGHT'],
    ['size', { prompt: 'x', size: '0256x256' }, 'WIDTHxHEIGHT'],
    ['response_format', { prompt: 'x', response_format: 'png' }, '"b64_json", "url"'],
    ['output_format', { prompt: 'x', output_format: 'gif' }, '"png", "jpeg", "webp"'],
    ['negative_prompt', { prompt: 'x', negative_prompt: ['y'] }, 'at most 32,768 tokens'],
    ['quality', { prompt: 'x', quality: 'hd' }, 'not supported'],
    ['user', { prompt: 'x', user: 'u' }, 'not supported'],
    ['quality', { n: 0, quality: 'hd' }, 'not supported'],
    ['body', [], 'JSON object'],
    ['body', 'x', 'JSON object'],
    ['body', null, 'JSON object'],
  ])('refuses a bad %s: %j', (param, body, range) => {
    const error = refusal(body);
    expect(error).toMatchObject({ code: 'invalid_argument', param });
    expect(error.message).toContain(range);
  });

  it('names the served models when another is asked for', () => {
    expect(refusal({ prompt: 'x', model: 'dall-e-3' })).toMatchObject({ code: 'not_found', param: 'model' });
    expect(refusal({ prompt: 'x', model: 'dall-e-3' }).message).toContain('"pocket", "other"');
  });

  it('says how many tokens were too many', () => {
    const error = tooManyTokens('prompt', 32_769);
    expect(error).toMatchObject({ code: 'invalid_argument', param: 'prompt' });
    expect(error.message).toContain('32,769');
  });
});
