import { LocalError } from '@darkroom/local';
import { describe, expect, it } from 'vitest';
import { help, parseOptions } from './options.js';

describe('parseOptions', () => {
  it('has a default for everything', () => {
    expect(parseOptions([])).toEqual({
      model: 'pocket',
      perKind: 40,
      steps: undefined,
      guidance: undefined,
      seeds: 4,
      json: false,
      card: true,
      save: undefined,
    });
  });

  it('takes every option that the help names', () => {
    const args = '--model other --per-kind 2 --steps 4 --guidance 1.5 --seeds 3 --save out --no-card --json'.split(' ');
    expect(parseOptions(args)).toEqual({
      model: 'other',
      perKind: 2,
      steps: 4,
      guidance: 1.5,
      seeds: 3,
      json: true,
      card: false,
      save: 'out',
    });
    for (const arg of args.filter((one) => one.startsWith('--'))) expect(help).toContain(arg);
    expect(parseOptions(['-h'])).toBeUndefined();
  });

  it.each([
    ['--per-kind', '0'],
    ['--per-kind', '1.5'],
    ['--steps', ''],
    ['--seeds', '1'],
    ['--guidance', '21'],
    ['--model', '../pocket'],
  ])('refuses %s %s by name', (name, value) => {
    expect(() => parseOptions([name, value])).toThrow(LocalError);
    expect(() => parseOptions([name, value])).toThrow(name);
  });

  it('refuses what it does not know', () => {
    expect(() => parseOptions(['--images', '3'])).toThrow("Unknown option '--images'");
  });
});
