import { describe, expect, it } from 'vitest';
import { parseKeysCommand } from './keys-options.js';

const parse = (line: string) => parseKeysCommand(line === '' ? [] : line.split(' '));

describe('npm run keys', () => {
  it.each([
    ['', { name: 'help', isWanted: false }],
    ['--help', { name: 'help', isWanted: true }],
    ['create --help', { name: 'help', isWanted: true }],
    ['list', { name: 'list' }],
    ['tenants', { name: 'tenants' }],
    ['revoke key_1', { name: 'revoke', id: 'key_1' }],
    ['create', { name: 'create', key: { name: 'unnamed' } }],
    [
      'create --name app --tenant photos --scopes read,usage --expires-in-days 30 --requests-per-minute 60',
      {
        name: 'create',
        key: { name: 'app', tenant: 'photos', scopes: ['read', 'usage'], expires_in_days: 30, requests_per_minute: 60 },
      },
    ],
    ['limit photos', { name: 'limit', tenant: 'photos', change: {} }],
    [
      'limit photos --requests-per-minute 60 --compute-per-minute none --compute-per-month 1e9 --concurrent 5 --weight 0.5 --models pocket',
      {
        name: 'limit',
        tenant: 'photos',
        change: {
          requests_per_minute: 60,
          compute_units_per_minute: null,
          compute_units_per_month: 1_000_000_000,
          concurrent_generations: 5,
          weight: 0.5,
          models: ['pocket'],
        },
      },
    ],
    ['limit photos --models none', { name: 'limit', tenant: 'photos', change: { models: null } }],
  ])('%s', (line, command) => {
    expect(parse(line)).toEqual(command);
  });

  it.each([
    ['destroy', /Unknown command "destroy"/],
    ['revoke', /Which key/],
    ['limit', /Which tenant/],
    ['list all', /Too many arguments: all/],
    ['list --name x', /--name/],
    ['create --weight 2', /--weight/],
    ['create --expires-in-days soon', /--expires-in-days is "soon"/],
    ['limit photos --weight x', /--weight is "x"/],
  ])('%s is refused', (line, message) => {
    expect(() => parse(line)).toThrow(message);
  });
});
