/** Image files as strangers send them; expected colours are those the files were made with. */
import sharp, { type Color, type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from './image-decoder.js';

const options = { width: 64, height: 32, maxPixels: 128 * 128 };

/** A file of one colour. */
const plain = (background: Color, width = 64, height = 32) => sharp({ create: { width, height, channels: 4, background } });

async function colourOf(image: Sharp): Promise<number[]> {
  const { rgb, width, height } = await decodeImage(await image.toBuffer(), options);
  expect([width, height, rgb.length]).toEqual([64, 32, 64 * 32 * 3]);
  const start = (16 * 64 + 32) * 3;
  return [...rgb.subarray(start, start + 3)];
}

const refusal = (message: string) =>
  expect.objectContaining({ code: 'invalid_argument', param: 'image', message: expect.stringContaining(message) });

describe('decodeImage', () => {
  it('reads PNG, JPEG and WebP', async () => {
    const image = plain({ r: 200, g: 40, b: 90 });
    expect(await colourOf(image.clone().png())).toEqual([200, 40, 90]);
    for (const lossy of [image.clone().removeAlpha().jpeg({ quality: 100, chromaSubsampling: '4:4:4' }), image.clone().webp()]) {
      for (const [i, value] of (await colourOf(lossy)).entries()) {
        expect(Math.abs(value - ([200, 40, 90][i] as number))).toBeLessThanOrEqual(3);
      }
    }
  });

  it('makes 8-bit sRGB of grey, 16-bit and transparent pictures', async () => {
    expect(await colourOf(plain({ r: 119, g: 119, b: 119 }).removeAlpha().toColourspace('b-w').png())).toEqual([119, 119, 119]);
    expect(await colourOf(plain({ r: 10, g: 250, b: 120 }).toColourspace('rgb16').png())).toEqual([10, 250, 120]);
    // Half of it lets the white through: 255 / 2 + value / 2.
    const [red = 0, green = 0, blue = 0] = await colourOf(plain({ r: 0, g: 100, b: 255, alpha: 0.5 }).png());
    expect(Math.abs(red - 127)).toBeLessThanOrEqual(1);
    expect(Math.abs(green - 177)).toBeLessThanOrEqual(1);
    expect(blue).toBe(255);
  });

  it('covers the wanted size, cut around the middle', async () => {
    // Thirds in red, green and blue, side by side: of 96x16 scaled to 192x32, the middle 64 columns are the green third.
    const stripes = sharp(
      Buffer.from(
        Array.from({ length: 96 * 16 }, (_, i) => [0, 1, 2].map((c) => (Math.floor((i % 96) / 32) === c ? 255 : 0))).flat(),
      ),
      { raw: { width: 96, height: 16, channels: 3 } },
    );
    const { rgb } = await decodeImage(await stripes.png().toBuffer(), options);
    expect([...rgb.subarray(32 * 3, 33 * 3)]).toEqual([0, 255, 0]);
    expect((rgb[16 * 3 + 1] ?? 0) > 250 && (rgb[48 * 3 + 1] ?? 0) > 250).toBe(true);
  });

  it('turns a picture as its camera was held', async () => {
    const upright = sharp(Buffer.from([255, 0, 0, 0, 0, 255]), { raw: { width: 1, height: 2, channels: 3 } })
      .resize(32, 64, { kernel: 'nearest' })
      .png();
    // Orientation 6 says: turn it clockwise by a quarter to see it upright, which brings the red top to the right.
    const file = await sharp(await upright.toBuffer())
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const { rgb } = await decodeImage(file, options);
    expect([...rgb.subarray(0, 3)]).toEqual([0, 0, 255]);
    expect([...rgb.subarray(63 * 3, 64 * 3)]).toEqual([255, 0, 0]);
  });

  it('refuses what is no PNG, JPEG or WebP, before any decoder sees it', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="32"/>';
    for (const file of [
      Buffer.alloc(0),
      Buffer.from(svg),
      await plain('red').gif().toBuffer(),
      await plain('red').tiff().toBuffer(),
    ]) {
      await expect(decodeImage(file, options)).rejects.toEqual(refusal('PNG, JPEG or WebP'));
    }
  });

  it('refuses an animation', async () => {
    const frames = await sharp([await plain('red').png().toBuffer(), await plain('blue').png().toBuffer()], {
      join: { animated: true },
    })
      .webp()
      .toBuffer();
    await expect(decodeImage(frames, options)).rejects.toEqual(refusal('animation'));
  });

  it('refuses more pixels than are allowed by the header alone', async () => {
    const bomb = await plain('white', 8000, 8000).png().toBuffer();
    await expect(decodeImage(bomb, options)).rejects.toEqual(refusal('8000x8000 pixels'));
    // Cut off after the header: nothing behind it is looked at.
    await expect(decodeImage(bomb.subarray(0, 2000), options)).rejects.toEqual(refusal('8000x8000 pixels'));
  });

  it('refuses damaged files', async () => {
    const file = await sharp(Buffer.from(Array.from({ length: 64 * 32 * 3 }, (_, i) => (i * 7919) % 251)), {
      raw: { width: 64, height: 32, channels: 3 },
    })
      .png()
      .toBuffer();
    await expect(decodeImage(file.subarray(0, file.length / 2), options)).rejects.toEqual(refusal('damaged'));
    await expect(decodeImage(file.subarray(0, 12), options)).rejects.toEqual(refusal('damaged'));
  });
});
