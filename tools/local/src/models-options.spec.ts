import { describe, expect, it } from 'vitest';
import { parseModelsCommand } from './models-options.js';

const parse = (line: string) => parseModelsCommand(line.split(' ').filter((word) => word !== ''));

describe('npm run models', () => {
  it('reads commands and their options', () => {
    expect(parse('list')).toEqual({ name: 'list' });
    expect(parse('unregister pocket')).toEqual({ name: 'unregister', model: 'pocket' });
    const bare = { model: undefined, digest: undefined, isRequired: false };
    expect(parse('register ../pocket-2')).toEqual({ name: 'register', from: '../pocket-2', ...bare });
    expect(parse('register s3://b/x --name y --digest sha256:1 --required')).toEqual({
      name: 'register',
      from: 's3://b/x',
      model: 'y',
      digest: 'sha256:1',
      isRequired: true,
    });
    expect(parse('')).toEqual({ name: 'help', isWanted: false });
    expect(parse('list --help')).toEqual({ name: 'help', isWanted: true });
  });

  it.each([
    ['register', 'Which model?'],
    ['unregister', 'Which model?'],
    ['list all', 'Too many arguments: all'],
    ['register a b', 'Too many arguments: b'],
    ['remove a', 'Unknown command "remove"'],
    ['register a --force', '--force'],
  ])('refuses %s', (line, reason) => {
    expect(() => parse(line)).toThrow(reason);
  });
});
