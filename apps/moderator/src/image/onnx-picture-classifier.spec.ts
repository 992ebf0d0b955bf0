/** The image classifier on the model that ships, against the original's own answers. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { icons } from '@iconify-json/fluent-emoji-flat';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usualPolicy } from '../policy/policies.js';
import { type Finding, verdictOf } from '../policy/verdict.js';
import { decodeImage } from './decode-image.js';
import { OnnxPictureClassifier } from './onnx-picture-classifier.js';

const shipped = fileURLToPath(new URL('../../../../models/moderation-nsfw', import.meta.url));
let classifier: OnnxPictureClassifier;
beforeAll(async () => {
  classifier = await OnnxPictureClassifier.load(shipped, 1);
});
afterAll(() => classifier.close());

/** Judges as pictures are judged by default. */
const judge = async (image: Uint8Array) => {
  const { findings } = await classifier.classify(image);
  return verdictOf(findings as Finding[], usualPolicy, {
    stage: 'output_image',
    level: 'auto',
    classifiers: [],
    calibrations: [],
  });
};
const drawn = async (shapes: string) =>
  await sharp(
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="256" height="256" viewBox="0 0 256 256">${shapes}</svg>`),
  )
    .png()
    .toBuffer();

describe('the converted model', () => {
  it('agrees with TensorFlow.js on every reference picture', async () => {
    const { pictures } = JSON.parse(await readFile(join(shipped, 'reference.json'), 'utf8'));
    expect(pictures.length).toBeGreaterThanOrEqual(7);
    for (const { name, png, probabilities } of pictures) {
      const answer = await classifier.probabilities(await decodeImage(Buffer.from(png, 'base64')));
      const differences = [...answer.probabilities.values()].map((value, index) => Math.abs(value - probabilities[index]));
      expect(Math.max(...differences), name).toBeLessThan(2e-5);
    }
  });
});

describe('pictures that mean no harm', () => {
  const colours = ['#ffffff', '#000000', '#d02020', '#2040c8', '#f0c8a0', '#e8a070'];
  it.each(colours)('pass: shapes on %s', async (ground) => {
    for (const colour of colours) {
      const shapes = `<rect width="256" height="256" fill="${ground}"/><circle cx="90" cy="128" r="60" fill="${colour}"/>
        <rect x="150" y="90" width="70" height="80" fill="${colour}"/>`;
      expect(await judge(await drawn(shapes))).toMatchObject({ allowed: true });
    }
  });

  it('pass: emoji of all kinds, people included, far below the threshold', async () => {
    const names = Object.keys(icons.icons).filter((_, index) => index % 40 === 0);
    const scores: number[] = [];
    for (const [index, name] of names.entries()) {
      const shapes = `<rect width="256" height="256" fill="${colours[index % colours.length]}"/>
        <svg x="24" y="24" width="208" height="208" viewBox="0 0 32 32">${icons.icons[name]?.body}</svg>`;
      const verdict = await judge(await drawn(shapes));
      expect(verdict.allowed, name).toBe(true);
      scores.push(verdict.scores.find(({ category }) => category === 'sexual')?.score ?? 1);
    }
    expect(Math.max(...scores)).toBeLessThan(0.3);
  });
});

describe('a damaged classifier is not loaded', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'moderation-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each(['model.onnx', 'config.json', 'reference.json'])('when %s is altered', async (file) => {
    await cp(shipped, folder, { recursive: true });
    const bytes = await readFile(join(folder, file));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(join(folder, file), bytes);
    await expect(OnnxPictureClassifier.load(folder, 1)).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringMatching(`${file} should be sha256:[0-9a-f]{64} but is sha256:[0-9a-f]{64}`),
    });
  });

  it('when a file or its digest is missing', async () => {
    await cp(shipped, folder, { recursive: true });
    await writeFile(join(folder, 'digests.json'), '{"files":{}}');
    await expect(OnnxPictureClassifier.load(folder, 1)).rejects.toThrow('model.onnx has no digest');
    await rm(join(folder, 'model.onnx'));
    await expect(OnnxPictureClassifier.load(folder, 1)).rejects.toThrow('no readable model.onnx');
  });
});

describe('what is no single picture is refused', () => {
  it.each([
    ['nothing', async () => Buffer.alloc(0)],
    ['text', async () => Buffer.from('not a picture')],
    ['an SVG', async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['half a PNG', async () => (await drawn('<circle cx="99" cy="99" r="60"/>')).subarray(0, 400)],
    [
      'an animation',
      async () =>
        await sharp(Buffer.concat([Buffer.alloc(32 * 32 * 3, 9), Buffer.alloc(32 * 32 * 3, 200)]), {
          raw: { width: 32, height: 64, channels: 3, pageHeight: 32 },
        })
          .webp({ loop: 0, delay: [100, 100] })
          .toBuffer(),
    ],
  ])('%s', async (_, image) => {
    await expect(classifier.classify(await image())).rejects.toMatchObject({ code: 'invalid_argument', param: 'image' });
  });

  it('but grey, transparent and 16-bit pictures are judged', async () => {
    const picture = sharp(await drawn('<circle cx="99" cy="99" r="60" fill="#808080"/>'));
    for (const image of [picture.clone().flatten().greyscale(), picture.clone(), picture.clone().toColourspace('rgb16')]) {
      expect(await judge(await image.png().toBuffer())).toMatchObject({ allowed: true });
    }
  });
});
