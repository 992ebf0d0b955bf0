import { DataType } from '@darkroom/contracts';
import { describe, expect, it } from 'vitest';
import { type CachedConditioning, ConditioningCache } from './conditioning-cache.js';

const entry = (bytes: number): CachedConditioning => ({
  conditioning: [{ name: 'x', tensor: { dataType: DataType.DATA_TYPE_FLOAT32, shape: [bytes / 4], data: Buffer.alloc(bytes) } }],
  tokenCount: 1,
});

describe('ConditioningCache', () => {
  it('drops the least recently used entries to stay within its bytes', () => {
    const cache = new ConditioningCache(100);
    expect(['a', 'b', 'c'].map((key) => cache.set(key, entry(32)))).toEqual([0, 0, 0]);
    cache.get('a');
    expect(cache.set('d', entry(32))).toBe(1);
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key) !== undefined)).toEqual([true, false, true, true]);
    expect(cache.bytes).toBe(96);
  });

  it('counts a replaced entry once', () => {
    const cache = new ConditioningCache(100);
    cache.set('a', entry(32));
    cache.set('a', entry(64));
    expect(cache.bytes).toBe(64);
  });

  it('does not keep what is larger than itself, nor drop others for it', () => {
    const cache = new ConditioningCache(100);
    cache.set('a', entry(32));
    cache.set('b', entry(128));
    expect(cache.get('a')).toBeDefined();
    expect(cache.get('b')).toBeUndefined();
    expect(new ConditioningCache(0).bytes).toBe(0);
  });
});
