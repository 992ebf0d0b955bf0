import { describe, expect, it } from 'vitest';
import { parseOperatorsCommand } from './operators-options.js';

const parse = (line: string) => parseOperatorsCommand(line === '' ? [] : line.split(' '));

describe('npm run operators', () => {
  it.each([
    ['', { name: 'help', isWanted: false }],
    ['create --help', { name: 'help', isWanted: true }],
    ['list', { name: 'list' }],
    ['create ann reviewer', { name: 'create', operator: 'ann', role: 'reviewer' }],
    ['role ann admin', { name: 'role', operator: 'ann', role: 'admin' }],
    ['reset ann', { name: 'reset', operator: 'ann' }],
    ['disable ann', { name: 'disable', operator: 'ann' }],
    ['enable ann', { name: 'enable', operator: 'ann' }],
  ])('%s', (line, command) => {
    expect(parse(line)).toEqual(command);
  });

  it.each([
    ['remove ann', /Unknown command "remove"/],
    ['create ann', /create NAME ROLE/],
    ['reset', /Who\?/],
    ['list all', /Too many arguments: all/],
    ['role ann admin now', /Too many arguments: now/],
  ])('%s is refused', (line, message) => {
    expect(() => parse(line)).toThrow(message);
  });
});
