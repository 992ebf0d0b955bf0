import { describe, expect, it } from 'vitest';
import { dequantize, permuteAxes, readWeights } from './graph-model.js';

const quantization = { dtype: 'uint8', scale: 0.5, min: -1 };

describe('readWeights', () => {
  it('cuts the shards in the manifest’s order', () => {
    const entries = [
      { name: 'a', shape: [2], dtype: 'float32', quantization },
      { name: 'b', shape: [], dtype: 'float32', quantization },
    ];
    const weights = readWeights(entries, Uint8Array.of(0, 2, 4));
    expect([...weights].map(([name, weight]) => [name, ...dequantize(weight)])).toEqual([
      ['a', -1, 0],
      ['b', 1],
    ]);
  });

  it('refuses shards that are too short, too long, or stored otherwise', () => {
    const entry = { name: 'a', shape: [2], dtype: 'float32', quantization };
    expect(() => readWeights([entry], Uint8Array.of(0))).toThrow('end within weight a');
    expect(() => readWeights([entry], Uint8Array.of(0, 1, 2))).toThrow('1 bytes more');
    expect(() => readWeights([{ name: 'a', shape: [2], dtype: 'float32' }], new Uint8Array(8))).toThrow('not quantised');
  });
});

describe('permuteAxes', () => {
  it('turns height, width, in, out into out, in, height, width', () => {
    // Each byte tells its own place: 100 h + 10 in + out.
    const weight = {
      shape: [2, 1, 2, 3],
      bytes: Uint8Array.of(0, 1, 2, 10, 11, 12, 100, 101, 102, 110, 111, 112),
      scale: 1,
      min: 0,
    };
    const permuted = permuteAxes(weight, [3, 2, 0, 1]);
    expect(permuted.shape).toEqual([3, 2, 2, 1]);
    expect([...permuted.bytes]).toEqual([0, 100, 10, 110, 1, 101, 11, 111, 2, 102, 12, 112]);
  });
});
