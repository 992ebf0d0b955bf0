import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeMask, maskLatents } from './mask.js';

const size = { width: 32, height: 16 };

/** A grey PNG whose pixels are as opaque as a function says. */
async function maskOf(alpha: (x: number, y: number) => number, { width, height } = size): Promise<Buffer> {
  const pixels = Array.from({ length: width * height }, (_, i) => [7, alpha(i % width, Math.floor(i / width))]).flat();
  return await sharp(Buffer.from(pixels), { raw: { width, height, channels: 2 } })
    .png()
    .toBuffer();
}

const refusal = (message: string) =>
  expect.objectContaining({ code: 'invalid_argument', param: 'mask', message: expect.stringContaining(message) });

describe('decodeMask', () => {
  it('takes pixels that are more transparent than not', async () => {
    const { redrawn } = await decodeMask(await maskOf((x) => [0, 127, 128, 255][x] ?? 255), size);
    expect([...redrawn.subarray(0, 5)]).toEqual([1, 1, 0, 0, 0]);
    expect(redrawn.reduce((sum, value) => sum + value, 0)).toBe(2 * 16);
  });

  it('reads colours with alpha, and 16 bits', async () => {
    const transparent = sharp({ create: { ...size, channels: 4, background: { r: 1, g: 2, b: 3, alpha: 0 } } });
    for (const file of [transparent.clone().png(), transparent.clone().toColourspace('rgb16').png()]) {
      expect((await decodeMask(await file.toBuffer(), size)).redrawn.every((value) => value === 1)).toBe(true);
    }
  });

  it('refuses what is no mask of that size', async () => {
    const plain = sharp({ create: { ...size, channels: 3, background: 'red' } });
    const file = await maskOf((x, y) => (x * y * 37) % 256);
    await expect(decodeMask(await plain.clone().png().toBuffer(), size)).rejects.toEqual(refusal('alpha'));
    await expect(decodeMask(await plain.clone().ensureAlpha(0).webp().toBuffer(), size)).rejects.toEqual(refusal('alpha'));
    await expect(decodeMask(file, { width: 16, height: 32 })).rejects.toEqual(refusal('mask has 32x16 pixels'));
    await expect(decodeMask(file, { width: 16, height: 16 })).rejects.toEqual(refusal('at most 256'));
    await expect(decodeMask(file.subarray(0, file.length / 2), size)).rejects.toEqual(refusal('damaged'));
    await expect(decodeMask(Buffer.from('mask'), size)).rejects.toEqual(refusal('PNG'));
  });
});

describe('maskLatents', () => {
  it('draws a position anew when any of its pixels is', async () => {
    // One pixel at each side of the line between the first two positions of two rows, and the last pixel of all.
    const corners = new Set(['7,0', '8,7', '31,15']);
    const mask = await decodeMask(await maskOf((x, y) => (corners.has(`${x},${y}`) ? 0 : 255)), size);
    const { shape, data } = maskLatents(mask, [1, 16, 2, 4]);
    expect(shape).toEqual([1, 1, 2, 4]);
    expect([...data]).toEqual([1, 1, 0, 0, 0, 0, 0, 1]);
  });
});
