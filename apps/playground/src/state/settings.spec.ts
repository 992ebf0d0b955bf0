import { describe, expect, it } from 'vitest';
import { fromFragment, initialSettings, requestOf, shapesOf, toFragment } from './settings.js';

const size = { granularity: 32, min_side: 64, max_side: 1024, max_pixels: 1024 * 1024, default: '256x256' };

describe('settings', () => {
  it('ask for what was set and leave the rest to the model', () => {
    const settings = { ...initialSettings(), prompt: 'a red apple', seed: 7 };
    expect(requestOf(settings)).toEqual({ prompt: 'a red apple', seed: 7 });
    expect(requestOf({ ...settings, steps: 4, size: '320x192', negativePrompt: 'blur' })).toEqual({
      prompt: 'a red apple',
      negative_prompt: 'blur',
      size: '320x192',
      seed: 7,
      steps: 4,
    });
  });

  it('travel in an address and come back, with the seed kept', () => {
    const settings = { ...initialSettings(), prompt: 'Äpfel & "pears" #2', seed: 7, steps: 4, solver: 'heun', model: 'pocket' };
    expect(fromFragment(`#${toFragment(settings)}`)).toEqual({ ...settings, keepSeed: true });
  });

  it('are not read from an address without a prompt, and bad numbers in one are left to the model', () => {
    expect(fromFragment('#key=dk_1')).toBeUndefined();
    expect(fromFragment('#prompt=x&steps=many')).toMatchObject({ prompt: 'x', steps: null, keepSeed: false });
  });
});

describe('shapes', () => {
  it('have about the pixels of the default size and sides that the model can make', () => {
    const shapes = shapesOf({ size });
    expect(shapes.map(({ name }) => name)).toEqual(['Square', 'Landscape', 'Portrait', 'Wide', 'Tall']);
    expect(shapes[0]).toMatchObject({ width: 256, height: 256 });
    for (const { width, height } of shapes) {
      expect([width % 32, height % 32]).toEqual([0, 0]);
      expect(width * height).toBeGreaterThan(0.8 * 256 * 256);
      expect(width * height).toBeLessThan(1.2 * 256 * 256);
    }
  });

  it('never exceed what the model can make', () => {
    for (const { width, height } of shapesOf({ size }, 1000)) {
      expect(Math.max(width, height)).toBeLessThanOrEqual(1024);
    }
  });
});
