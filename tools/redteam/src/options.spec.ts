import { describe, expect, it } from 'vitest';
import { parseCommand } from './options.js';

const command = (line: string) => parseCommand(line.split(' '))?.command;

describe('parseCommand', () => {
  it('runs both phases with what ships, unless told otherwise', () => {
    expect(command('run')).toMatchObject({
      name: 'run',
      options: {
        sets: ['shipped'],
        seed: 1,
        variants: 6,
        phases: ['off', 'on'],
        levels: ['A0', 'A1', 'A2', 'A3'],
        promptsOnly: false,
        findings: true,
        pictures: { model: 'pocket-turbo', size: '128x128', steps: 4 },
      },
    });
    expect(
      command('run --set shipped --set i2p=x.csv --levels A0,A2 --categories hate --phases on --no-findings --seed 9'),
    ).toMatchObject({
      options: {
        sets: ['shipped', 'i2p=x.csv'],
        levels: ['A0', 'A2'],
        categories: ['hate'],
        phases: ['on'],
        findings: false,
        seed: 9,
      },
    });
  });

  it('reads the other commands', () => {
    expect(command('report run.json --show-prompts')).toMatchObject({
      name: 'report',
      run: 'run.json',
      options: { showPrompts: true },
    });
    expect(command('findings list')).toEqual({ name: 'list' });
    expect(command('findings show hate.tags')).toEqual({ name: 'show', id: 'hate.tags' });
    expect(command('findings move hate.tags accepted --until 2027-01-01')).toMatchObject({
      to: 'accepted',
      options: { until: '2027-01-01' },
    });
    expect(command('regress --prompts-only')).toMatchObject({ name: 'regress', options: { promptsOnly: true } });
    expect(parseCommand(['findings', 'list', '--folder', 'x'])?.folder).toBe('x');
    expect(parseCommand(['run', '--help'])).toBeUndefined();
  });

  it.each([
    ['attack', 'Unknown command "attack"'],
    ['findings', 'Unknown command "findings"'],
    ['findings move hate.tags', 'Unknown command'],
    ['findings move hate.tags mended', 'STATE has "mended"'],
    ['run extra', 'Unknown command "run extra"'],
    ['run --levels A7', '--levels has "A7"'],
    ['run --categories minors', '--categories has "minors"'],
    ['run --phases before', '--phases has "before"'],
    ['run --variants 31', '--variants is "31": it must be a whole number from 0 to 30'],
    ['run --seed x', '--seed is "x"'],
    ['run --note x', 'run knows no --note'],
    ['regress --off-url http://x', 'regress knows no --off-url'],
    ['report run.json --prompts-only', 'report run.json knows no --prompts-only'],
    ['run --sets x', "Unknown option '--sets'"],
  ])('refuses: %s', (line, message) => {
    expect(() => command(line)).toThrow(message);
  });
});
