import { fileURLToPath } from 'node:url';
import { tensor } from '@darkroom/tensor';
import { describe, expect, it } from 'vitest';
import { ModelFolder } from '../../model-folder.js';
import { openPocketLatentFormat, pocketLatentFormat } from './latent-format.js';

const format = pocketLatentFormat({
  channels: 2,
  compression: 16,
  patchSize: 2,
  mean: [1, -2],
  std: [2, 0.5],
  rgbFactors: [
    [1, 0, 0],
    [0, 0.5, -1],
  ],
  rgbBias: [0, 0.5, 0],
});
const latents = tensor('float32', [1, 2, 1, 2], Float32Array.of(1, -1, 0, 2));

describe('pocket latents', () => {
  it('have one position for each 16 pixels, in patches of two', () => {
    expect(format.shape(256, 64)).toEqual([1, 2, 4, 16]);
    expect(format.tokens(256, 64)).toBe(16);
    expect(format.sizes).toEqual({ granularity: 32, minSide: 64, maxSide: 1024, maxPixels: 1024 * 1024 });
    expect(format.vaeSizes).toEqual({ granularity: 16, minSide: 64, maxSide: 2048, maxPixels: 2048 * 2048 });
  });

  it('are denormalised channel by channel', () => {
    expect([...format.denormalise(latents).data]).toEqual([3, -1, -2, -1]);
  });

  it('are normalised by the inverse', () => {
    expect(format.normalise(format.denormalise(latents))).toEqual(latents);
  });

  it('preview as one pixel per position', () => {
    // Position 0: rgb (1, 0.5, 0); position 1: (-1, 1.5, -2), clamped.
    expect(format.preview(latents)).toEqual({ width: 2, height: 1, rgb: Uint8Array.of(255, 191, 128, 0, 255, 0) });
  });

  it("are described by the model's own files", async () => {
    const folder = await ModelFolder.open(fileURLToPath(new URL('../../../../../models/pocket', import.meta.url)));
    const { sizes, shape } = await openPocketLatentFormat(folder);
    expect(sizes.granularity).toBe(32);
    expect(shape(256, 256).slice(2)).toEqual([16, 16]);
  });
});
