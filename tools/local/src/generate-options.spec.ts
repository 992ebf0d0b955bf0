import { describe, expect, it } from 'vitest';
import { LocalError } from './config.js';
import { parseGenerateOptions } from './generate-options.js';

describe('parseGenerateOptions', () => {
  it('turns every option into the parameter of the same meaning', () => {
    const args = ['a red apple', '--seed', '7', '--size', '64x64', '--steps', '3', '--guidance', '2.5', '--negative', 'text'];
    args.push('--solver', 'heun', '--sigmas', 'karras', '--priority', 'high', '--deadline', '2026-11-24T18:00:00Z');
    const options = parseGenerateOptions([...args, '--n', '2', '--model', 'pocket', '--out', 'folder/apple.webp'], '/home/me');
    expect(options?.request).toEqual({
      prompt: 'a red apple',
      seed: 7,
      size: '64x64',
      steps: 3,
      guidance_scale: 2.5,
      negative_prompt: 'text',
      solver: 'heun',
      sigmas: 'karras',
      priority: 'high',
      deadline: '2026-11-24T18:00:00Z',
      n: 2,
      model: 'pocket',
      output_format: 'webp',
      response_format: 'url',
    });
    expect(options?.files).toEqual(['/home/me/folder/apple-1.webp', '/home/me/folder/apple-2.webp']);
  });

  it('asks for a quality instead of a number of steps', () => {
    const options = parseGenerateOptions(['a red apple', '--quality', 'high'], '/home/me');
    expect(options?.request).toMatchObject({ quality: 'high' });
    expect(options?.request).not.toHaveProperty('steps');
  });

  it('names the file after the prompt and the seed when no file is given', () => {
    const options = parseGenerateOptions(['Ein roter Apfel!', '--seed', '5', '--format', 'jpeg'], '/home/me');
    expect(options?.files).toEqual(['/home/me/ein-roter-apfel-5.jpg']);
  });

  it('asks for help with -h, whatever else is said', () => {
    expect(parseGenerateOptions(['-h'], '/')).toBeUndefined();
  });

  it.each([
    [[], /prompt is missing/],
    [['a', 'red', 'apple'], /quotation marks \("a red apple"\)/],
    [['a', '--seed', 'seven'], /--seed must be a number, not "seven"/],
    [['a', '--seed', ''], /--seed must be a number/],
    [['a', '--format', 'gif'], /--format must be png, jpeg or webp/],
    [['a', '--out', 'apple'], /must end in/],
    [['a', '--format', 'png', '--out', 'apple.jpg'], /don't agree/],
  ])('refuses %j', (args, message) => {
    expect(() => parseGenerateOptions(args, '/')).toThrow(LocalError);
    expect(() => parseGenerateOptions(args, '/')).toThrow(message);
  });

  it('refuses an option that does not exist', () => {
    expect(() => parseGenerateOptions(['a', '--sampler', 'x'], '/')).toThrow(/--sampler/);
  });
});
