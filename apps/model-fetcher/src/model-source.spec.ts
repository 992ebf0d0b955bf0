import { describe, expect, it } from 'vitest';
import { Config } from './config.js';

const digest = `sha256:${'0'.repeat(64)}`;
const read = (...sources: object[]) =>
  Config.read({ MODEL_SOURCES: JSON.stringify(sources), MODELS_DIR: '/models', MODEL_CACHE_DIR: '/cache' }).sources;

describe('MODEL_SOURCES', () => {
  it('lists models and where they are', () => {
    const sources = [
      { name: 'pocket', from: 's3://bucket/models/pocket', digest },
      { name: 'second', from: 'https://models.example/second', digest },
      { name: 'third', from: 'file:///claims/weights/third', digest, in_place: true },
    ];
    expect(read(...sources).map(({ name, in_place }) => [name, in_place])).toEqual([
      ['pocket', false],
      ['second', false],
      ['third', true],
    ]);
  });

  it.each([
    ['no model', [], 'Too small'],
    ['a name that leaves the folder', [{ name: '../x', from: 's3://b/x', digest }], 'expected letters, digits'],
    ['another scheme', [{ name: 'x', from: 'ftp://b/x', digest }], 'expected s3://bucket/folder'],
    ['a digest that is none', [{ name: 'x', from: 's3://b/x', digest: 'sha256:1' }], 'expected sha256: and 64 hex digits'],
    ['in place what is elsewhere', [{ name: 'x', from: 's3://b/x', digest, in_place: true }], 'only a file:/// folder'],
    ['an unknown field', [{ name: 'x', from: 's3://b/x', digest, digets: '' }], 'digets'],
    ['a name twice', [1, 2].map(() => ({ name: 'x', from: 's3://b/x', digest })), 'the same name'],
  ])('refuses %s', (_what, sources, reason) => {
    expect(() => read(...sources)).toThrow(reason);
  });

  it('refuses what is not JSON', () => {
    expect(() => Config.read({ MODEL_SOURCES: '{', MODELS_DIR: '/m', MODEL_CACHE_DIR: '/c' })).toThrow(
      'MODEL_SOURCES is wrong: expected JSON',
    );
  });
});
