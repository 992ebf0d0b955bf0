/** The mark on pictures that a model drew, through the compression and resizing that it is made for. */
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RgbPixels } from './canonical.js';
import { detectionThreshold, falsePositiveBound, markPsnr, Watermark } from './watermark.js';

const sheet = fileURLToPath(new URL('../../../../docs/images/samples.png', import.meta.url));
/** Where pictures of 128 pixels stand on the sheet. */
const corners = [
  [416, 8],
  [552, 8],
  [416, 174],
] as const;
const payload = 0xdeadbeef;
const key = Buffer.alloc(32, 1);
const watermark = new Watermark(key);

const pixels = async (image: Sharp): Promise<RgbPixels> => {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { rgb: data, width: info.width, height: info.height };
};
const open = ({ rgb, width, height }: RgbPixels) => sharp(rgb, { raw: { width, height, channels: 3 } });
const marked = (picture: RgbPixels): RgbPixels => ({ ...picture, rgb: watermark.mark(picture, payload) });
const psnr = (a: Uint8Array, b: Uint8Array) =>
  10 * Math.log10(255 ** 2 / (a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0) / a.length));

let pictures: readonly RgbPixels[];
beforeAll(async () => {
  const cut = ([left, top]: readonly [number, number]) =>
    pixels(sharp(sheet).extract({ left, top, width: 128, height: 128 }).resize(256, 256));
  pictures = await Promise.all(corners.map(cut));
});

describe('a marked picture', () => {
  it('is the same bytes each time, and differs from the picture by what the mark may take', () => {
    for (const picture of pictures) {
      const { rgb } = marked(picture);
      expect(Buffer.compare(marked(picture).rgb, rgb)).toBe(0);
      expect(Math.abs(psnr(picture.rgb, rgb) - markPsnr)).toBeLessThan(0.2);
    }
  });

  it.each<[string, (picture: RgbPixels) => Promise<RgbPixels>]>([
    ['as it is', async (picture) => picture],
    ['as a JPEG of quality 70', async (picture) => pixels(sharp(await open(picture).jpeg({ quality: 70 }).toBuffer()))],
    ['at half its size', (picture) => pixels(open(picture).resize(picture.width / 2, picture.height / 2))],
    ['at twice its size', (picture) => pixels(open(picture).resize(picture.width * 2, picture.height * 2))],
    ['in another shape', (picture) => pixels(open(picture).resize(300, 170, { fit: 'fill' }))],
  ])('is known %s, and read', async (_, change) => {
    for (const picture of pictures) {
      const detection = watermark.detect(await change(marked(picture)));
      expect(detection).toMatchObject({ detected: true, payload });
    }
  });

  it('is known as a JPEG of quality 70 of half its size', async () => {
    for (const picture of pictures) {
      const file = await open(marked(picture)).resize(128, 128).jpeg({ quality: 70 }).toBuffer();
      expect(watermark.detect(await pixels(sharp(file))).detected).toBe(true);
    }
  });

  it('says nothing to another key', () => {
    for (const picture of pictures) {
      const { detected, score } = new Watermark(Buffer.alloc(32, 2)).detect(marked(picture));
      expect(detected).toBe(false);
      expect(Math.abs(score)).toBeLessThan(4.5);
    }
  });

  it.each([
    [1024, 512],
    [512, 512],
    [136, 120],
  ])('may be %i pixels wide and %i high', async (width, height) => {
    const picture = await pixels(open(pictures[0] as RgbPixels).resize(width, height, { fit: 'fill' }));
    const mark = marked(picture);
    expect(psnr(picture.rgb, mark.rgb)).toBeGreaterThan(38);
    expect(watermark.detect(mark)).toMatchObject({ detected: true, payload });
  });

  it('carries its mark over white too, where half of it is cut off', () => {
    const white = { rgb: new Uint8Array(256 * 256 * 3).fill(255), width: 256, height: 256 };
    expect(watermark.detect(marked(white))).toMatchObject({ detected: true, payload });
  });
});

describe('a picture without a mark', () => {
  it('scores like noise over keys, whatever it shows', () => {
    const scores: number[] = [];
    for (let other = 0; other < 60; other++) {
      const watermarkOfOther = new Watermark(Buffer.alloc(32, other + 3));
      for (const picture of pictures) scores.push(watermarkOfOther.detect(picture).score);
    }
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
    expect(Math.abs(mean)).toBeLessThan(0.3);
    expect(Math.abs(deviation - 1)).toBeLessThan(0.2);
    expect(Math.max(...scores)).toBeLessThan(detectionThreshold);
  });

  it('scores nothing when it shows nothing', () => {
    const grey = { rgb: new Uint8Array(64 * 64 * 3).fill(128), width: 64, height: 64 };
    expect(watermark.detect(grey).score).toBeLessThan(4.5);
    expect(falsePositiveBound).toBeLessThan(1e-6);
  });

  it('is not taken with too short a key', () => {
    expect(() => new Watermark(Buffer.alloc(15))).toThrow('at least 16 bytes');
  });
});
