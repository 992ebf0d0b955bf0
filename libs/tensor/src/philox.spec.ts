import { describe, expect, it } from 'vitest';
import golden from '../golden/gaussian-noise.json' with { type: 'json' };
import { type Block, philox4x32 } from './philox.js';

describe('philox4x32', () => {
  it.each(golden.philox4x32_10)('meets the vector published with Random123 for counter $counter', (vector) => {
    const [key0 = 0, key1 = 0] = vector.key;
    expect(philox4x32(vector.counter.slice() as Block, key0, key1)).toEqual(vector.result);
  });

  it('writes into the counter it was given', () => {
    const counter: Block = [1, 2, 3, 4];
    expect(philox4x32(counter, 5, 6)).toBe(counter);
  });
});
