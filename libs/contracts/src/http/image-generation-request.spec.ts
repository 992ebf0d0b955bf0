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
      outputCompression: undefined,
      seed: undefined,
      steps: 20,
      quality: 'auto',
      guidanceScale: 4,
      solver: undefined,
      sigmas: undefined,
      priority: 0,
      deadlineAtMs: undefined,
      keepOnDisconnect: undefined,
      firstBlockCacheThreshold: 0,
      streams: false,
      partialImages: 0,
      moderation: 'auto',
      user: undefined,
      strength: 0,
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
      solver: 'dpmpp_2m',
      sigmas: 'karras',
      priority: 'high',
      deadline: '2026-11-24T18:00:00.5+02:00',
      keep_on_disconnect: false,
      first_block_cache: 1,
      output_compression: 100,
      moderation: 'low',
      background: 'opaque',
      user: 'u',
    };
    expect(parseImageGenerationRequest(body, models, Date.UTC(2026, 10, 24, 15))).toMatchObject({
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
      solver: 'dpmpp_2m',
      sigmas: 'karras',
      priority: 1,
      deadlineAtMs: Date.UTC(2026, 10, 24, 16, 0, 0, 500),
      keepOnDisconnect: false,
      firstBlockCacheThreshold: 1,
      quality: undefined,
      outputCompression: 100,
      moderation: 'low',
      user: 'u',
    });
  });

  it.each([
    ['low', 10, 2],
    ['medium', 20, 4],
    ['auto', 20, 4],
    ['standard', 20, 4],
    ['high', 40, 8],
    ['hd', 40, 8],
  ])("makes of quality %s a multiple of the model's own steps: %i of 20, %i of 4", (quality, ofTwenty, ofFour) => {
    const of = (model: string) => parseImageGenerationRequest({ prompt: 'x', quality, model }, models);
    expect(of('pocket')).toMatchObject({ steps: ofTwenty, quality });
    expect(of('other').steps).toBe(ofFour);
  });

  it('keeps the steps of a quality within what may be asked for', () => {
    const of = (defaultSteps: number, quality: string) =>
      parseImageGenerationRequest({ prompt: 'x', quality }, [pocketFamilyModel('m', { defaultSteps, defaultGuidanceScale: 1 })])
        .steps;
    expect(of(1, 'low')).toBe(1);
    expect(of(3, 'low')).toBe(2);
    expect(of(50, 'high')).toBe(100);
    expect(of(51, 'high')).toBe(100);
  });

  it.each([
    [0, 1],
    [1, 1],
    [50, 50],
    [100, 100],
  ])('takes an output compression of %i as quality %i', (output_compression, quality) => {
    for (const output_format of ['jpeg', 'webp']) {
      const body = { prompt: 'x', output_format, output_compression };
      expect(parseImageGenerationRequest(body, models).outputCompression).toBe(quality);
    }
  });

  it("takes a user's name of 1 to 512 characters, as `user` or by its newer name, which goes first", () => {
    const of = (body: object) => parseImageGenerationRequest({ prompt: 'x', ...body }, models).user;
    for (const name of ['u', 'ü'.repeat(512)]) expect(of({ user: name })).toBe(name);
    expect(of({ safety_identifier: 's' })).toBe('s');
    expect(of({ user: 'u', safety_identifier: 's' })).toBe('s');
    expect(of({ user: 'u', safety_identifier: null })).toBe('u');
  });

  it('takes deadlines from the next millisecond to a day ahead', () => {
    const nowMs = Date.UTC(2026, 10, 24, 12);
    const parse = (atMs: number) =>
      parseImageGenerationRequest({ prompt: 'x', deadline: new Date(atMs).toISOString() }, models, nowMs).deadlineAtMs;
    const dayMs = 24 * 60 * 60 * 1000;
    for (const atMs of [nowMs + 1, nowMs + dayMs]) expect(parse(atMs)).toBe(atMs);
    for (const atMs of [nowMs, nowMs - 1, nowMs + dayMs + 1]) {
      expect(() => parse(atMs)).toThrow(expect.objectContaining({ code: 'invalid_argument', param: 'deadline' }));
    }
  });

  it.each([
    ['low', -1],
    ['normal', 0],
    ['high', 1],
  ])('ranks a %s priority %d', (priority, level) => {
    expect(parseImageGenerationRequest({ prompt: 'x', priority }, models).priority).toBe(level);
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
    ['solver', { prompt: 'x', solver: 'Euler' }, '"euler", "heun", "dpmpp_2m"'],
    ['sigmas', { prompt: 'x', sigmas: '' }, '"default", "karras", "exponential", "beta"'],
    ['priority', { prompt: 'x', priority: 1 }, '"low", "normal", "high"'],
    ['deadline', { prompt: 'x', deadline: 1_900_000_000 }, 'RFC 3339'],
    ['deadline', { prompt: 'x', deadline: 'tomorrow' }, 'RFC 3339'],
    ['deadline', { prompt: 'x', deadline: '2099-01-01' }, 'RFC 3339'],
    ['deadline', { prompt: 'x', deadline: '2099-01-01T00:00:00' }, 'with its offset'],
    ['deadline', { prompt: 'x', deadline: '2099-02-29T00:00:00Z' }, 'RFC 3339'],
    ['deadline', { prompt: 'x', deadline: '2099-01-01T00:00:00Z' }, 'at most 24 hours ahead'],
    ['deadline', { prompt: 'x', deadline: '2020-01-01T00:00:00Z' }, 'in the future'],
    ['keep_on_disconnect', { prompt: 'x', keep_on_disconnect: 'yes' }, 'true or false'],
    ['first_block_cache', { prompt: 'x', first_block_cache: -0.01 }, 'from 0 to 1'],
    ['first_block_cache', { prompt: 'x', first_block_cache: 1.01 }, 'from 0 to 1'],
    ['first_block_cache', { prompt: 'x', first_block_cache: true }, 'from 0 to 1'],
    ['quality', { prompt: 'x', quality: 'ultra' }, '"auto", "low", "medium", "high", "standard", "hd"'],
    ['quality', { prompt: 'x', quality: 1 }, '"auto"'],
    ['quality', { prompt: 'x', quality: 'low', steps: 3 }, 'leave either'],
    ['quality', { prompt: 'x', quality: 'auto', steps: 3 }, 'leave either'],
    ['output_compression', { prompt: 'x', output_format: 'webp', output_compression: -1 }, 'from 0 to 100'],
    ['output_compression', { prompt: 'x', output_format: 'webp', output_compression: 101 }, 'from 0 to 100'],
    ['output_compression', { prompt: 'x', output_format: 'webp', output_compression: 0.5 }, 'from 0 to 100'],
    ['output_compression', { prompt: 'x', output_format: 'webp', output_compression: '50' }, 'from 0 to 100'],
    ['output_compression', { prompt: 'x', output_compression: 50 }, '"jpeg" or "webp"'],
    ['output_compression', { prompt: 'x', output_format: 'png', output_compression: 100 }, '"jpeg" or "webp"'],
    ['moderation', { prompt: 'x', moderation: 'off' }, '"auto", "low"'],
    ['moderation', { prompt: 'x', moderation: true }, '"auto", "low"'],
    ['background', { prompt: 'x', background: 'transparent' }, 'no model draws transparency'],
    ['background', { prompt: 'x', background: '#ffffff' }, '"auto", "opaque"'],
    ['user', { prompt: 'x', user: '' }, '1 to 512 characters'],
    ['user', { prompt: 'x', user: 'u'.repeat(513) }, '1 to 512 characters'],
    ['user', { prompt: 'x', user: 7 }, '1 to 512 characters'],
    ['user', { prompt: 'x', user: '\ud800' }, 'well-formed'],
    ['safety_identifier', { prompt: 'x', safety_identifier: '' }, '1 to 512 characters'],
    ['style', { prompt: 'x', style: 'vivid' }, 'describe the style in `prompt`'],
    ['complexity', { prompt: 'x', complexity: 'low' }, 'not supported; leave it out'],
    ['style', { n: 0, style: 'vivid' }, 'not supported'],
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
