import { describe, expect, it } from 'vitest';
import { conditioningKey } from './conditioning-key.js';

const source = { partsDigest: 'sha256:1', runtimeVersion: '1', processor: 'x', prompt: 'a cat' };

describe('conditioningKey', () => {
  it('differs by everything that decides the bytes', () => {
    const others = [
      { partsDigest: 'sha256:2' },
      { runtimeVersion: '2' },
      { processor: 'y' },
      { prompt: 'a dog' },
      { prompt: '' },
    ];
    const keys = [source, ...others.map((other) => ({ ...source, ...other }))].map(conditioningKey);
    expect(new Set(keys).size).toBe(6);
    expect(conditioningKey({ ...source })).toBe(keys[0]);
    expect(keys.every((key) => /^[0-9a-f]{64}$/.test(key))).toBe(true);
  });

  it('keeps apart what would read the same when written one after the other', () => {
    expect(conditioningKey({ ...source, processor: 'xa', prompt: '' })).not.toBe(conditioningKey({ ...source, prompt: 'a' }));
  });
});
