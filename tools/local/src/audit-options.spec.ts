import { describe, expect, it } from 'vitest';
import { parseAuditCommand } from './audit-options.js';

const parse = (line: string) => parseAuditCommand(line === '' ? [] : line.split(' '));
const hash = 'ab'.repeat(32);

describe('npm run audit', () => {
  it.each([
    ['', { name: 'help', isWanted: false }],
    ['verify --help', { name: 'help', isWanted: true }],
    ['list', { name: 'list', filter: {} }],
    [
      'list --tenant photos --generation gen_1 --action block --limit 5',
      { name: 'list', filter: { tenant: 'photos', generation_id: 'gen_1', action: 'block', limit: '5' } },
    ],
    ['show dec_1', { name: 'show', id: 'dec_1' }],
    ['replay', { name: 'replay' }],
    ['verify', { name: 'verify', anchor: undefined }],
    [`verify --anchor 12:${hash}`, { name: 'verify', anchor: { sequence: '12', hash } }],
  ])('reads %j', (line, command) => {
    expect(parse(line)).toEqual(command);
  });

  it.each([
    'erase',
    'show',
    'show dec_1 dec_2',
    'list --colour red',
    'list block',
    'replay dec_1',
    'verify --anchor 12',
    `verify --anchor 0:${hash}`,
    'verify --anchor 1:xyz',
  ])('refuses %j', (line) => {
    expect(() => parse(line)).toThrow(Error);
  });
});
