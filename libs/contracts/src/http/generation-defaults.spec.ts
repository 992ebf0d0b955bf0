import { describe, expect, it } from 'vitest';
import { parseGenerationDefaults, withDefaults } from './generation-defaults.js';

describe("a tenant's defaults", () => {
  it.each([
    [{ steps: 4 }, { prompt: 'x' }, { prompt: 'x', steps: 4 }],
    [{ steps: 4 }, { prompt: 'x', steps: null }, { prompt: 'x', steps: 4 }],
    [
      { steps: 4, n: 2 },
      { prompt: 'x', steps: 5 },
      { prompt: 'x', steps: 5, n: 2 },
    ],
    [
      { seed: 1, keep_on_disconnect: true },
      { seed: 0, keep_on_disconnect: false },
      { seed: 0, keep_on_disconnect: false },
    ],
    // Beside a quality, steps would be refused, and so would a compression beside PNG.
    [{ steps: 4 }, { quality: 'high' }, { quality: 'high' }],
    [{ quality: 'low' }, { steps: 9 }, { steps: 9 }],
    [{ output_format: 'webp', output_compression: 50 }, { output_format: 'png' }, { output_format: 'png' }],
    [{ output_format: 'webp', output_compression: 50 }, {}, { output_format: 'webp', output_compression: 50 }],
  ] as const)('%j fill %j in', (defaults, body, filled) => {
    expect(withDefaults(body, parseGenerationDefaults(defaults))).toEqual(filled);
  });

  it('are only those that a route has, and leave alone what is no object', () => {
    expect(withDefaults({}, { steps: 4, size: '64x64' }, { size: true })).toEqual({ size: '64x64' });
    for (const body of [null, 'x', [1], undefined]) expect(withDefaults(body, { steps: 4 })).toEqual(body);
  });

  it.each([
    ['defaults', null],
    ['defaults', [1]],
    ['defaults.steps', { steps: 0 }],
    ['defaults.size', { size: '65x64' }],
    ['defaults.quality', { steps: 4, quality: 'low' }],
    ['defaults.output_compression', { output_compression: 50 }],
    ['defaults.prompt', { prompt: 'x' }],
    ['defaults.stream', { stream: true }],
    ['defaults.partial_images', { partial_images: 1 }],
    ['defaults.deadline', { deadline: '2099-01-01T00:00:00Z' }],
    ['defaults.x', { x: 1 }],
  ])('are refused with %s when they are %j', (param, defaults) => {
    expect(() => parseGenerationDefaults(defaults)).toThrow(expect.objectContaining({ code: 'invalid_argument', param }));
  });
});
