import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { blurred } from './blur.js';

/** Text on white, which has the finest details that matter. */
const page = sharp(
  Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="200"><rect width="320" height="200" fill="white"/>' +
      '<text x="20" y="110" font-size="40" font-family="sans-serif">Nobody reads</text></svg>',
  ),
);

/** Mean difference between neighbouring pixels of a row, in levels of 255. */
async function detail(image: Buffer): Promise<number> {
  const { data, info } = await sharp(image).greyscale().raw().toBuffer({ resolveWithObject: true });
  let sum = 0;
  for (let i = 1; i < data.length; i++) if (i % info.width > 0) sum += Math.abs((data[i] ?? 0) - (data[i - 1] ?? 0));
  return sum / data.length;
}

describe('blurred', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('keeps size and format of a %s, and no detail', async (format) => {
    const image = await page.clone().toFormat(format).toBuffer();
    const result = await blurred(image);
    expect(await sharp(result).metadata()).toMatchObject({ format, width: 320, height: 200 });
    expect(await detail(result)).toBeLessThan((await detail(image)) / 10);
  });

  it('keeps the colours roughly, so that it does not look broken', async () => {
    const image = await sharp({ create: { width: 64, height: 640, channels: 3, background: '#c02040' } })
      .png()
      .toBuffer();
    const { dominant } = await sharp(await blurred(image)).stats();
    expect(Math.abs(dominant.r - 0xc0)).toBeLessThan(16);
    expect(Math.abs(dominant.b - 0x40)).toBeLessThan(16);
  });
});
