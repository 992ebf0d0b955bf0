import { describe, expect, it } from 'vitest';
import { elementCount, expectDataType, sameShape, tensor, tensorFromBytes, tensorToBytes } from './tensor.js';

describe('tensor', () => {
  it('refuses data that does not fill its shape', () => {
    expect(() => tensor('float32', [2, 3], new Float32Array(5))).toThrow('has 6 elements, but the data has 5');
  });

  it('counts a scalar as one element and an empty axis as none', () => {
    expect(elementCount([])).toBe(1);
    expect(elementCount([4, 0])).toBe(0);
    expect(() => elementCount([1.5])).toThrow(RangeError);
    expect(() => elementCount([-1])).toThrow(RangeError);
  });

  it('compares shapes by their axes', () => {
    expect(sameShape([1, 2], [1, 2])).toBe(true);
    expect(sameShape([1, 2], [1, 2, 1])).toBe(false);
  });

  it('narrows to a type or names the tensor that has another', () => {
    const ids = tensor('int64', [1], BigInt64Array.of(5n));
    expect(expectDataType(ids, 'int64', 'input_ids')).toBe(ids);
    expect(() => expectDataType(ids, 'float32', 'input_ids')).toThrow('input_ids is int64, but float32 is needed');
  });
});

describe('bytes', () => {
  it('come back as the same tensor, whatever their alignment in a message', () => {
    const original = tensor('float32', [2], Float32Array.of(1.25, -3));
    const message = new Uint8Array(9);
    message.set(tensorToBytes(original), 1);
    expect(tensorFromBytes('float32', [2], message.subarray(1))).toEqual(original);
  });

  it('keep 64-bit integers', () => {
    const ids = tensor('int64', [2], BigInt64Array.of(-1n, 2n ** 40n));
    expect(tensorFromBytes('int64', [2], tensorToBytes(ids))).toEqual(ids);
  });

  it('are refused when there are too few', () => {
    expect(() => tensorFromBytes('int64', [2], new Uint8Array(15))).toThrow('takes 16 bytes, but 15 came');
  });
});
