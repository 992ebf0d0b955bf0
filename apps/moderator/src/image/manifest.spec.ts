/** Classifiers that an operator brings: another layout, other values, another output, by their manifest alone. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@darkroom/testing';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meanColourModel } from './mean-colour-model.fixture.js';
import { OnnxPictureClassifier } from './onnx-picture-classifier.js';

const side = 16;
const colour = (r: number, g: number, b: number, width = 40, height = 24) =>
  sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();

const config = {
  name: 'mean-colour',
  ...{ input_name: 'pixels', output_name: 'logits', input_size: side, input_layout: 'NCHW' },
  ...{ mean: [0.5, 0.25, 0], std: [0.25, 0.5, 0.1], resize: 'bilinear, antialiased', activation: 'softmax' },
  classes: ['red', 'green', 'blue'],
  rules: [
    { category: 'violence', reason: 'red', classes: ['red'], threshold: 0.8, severity: 3 },
    { category: 'hate', reason: 'warm', classes: ['red', 'green'], threshold: 0.85, severity: 2 },
  ],
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

/** Softmax of what the model is fed on a picture of one colour, by hand. */
function expected(rgb: readonly number[]): number[] {
  const logits = rgb.map((value, i) => (value / 255 - (config.mean[i] ?? 0)) / (config.std[i] ?? 1));
  const sum = logits.reduce((all, logit) => all + Math.exp(logit), 0);
  return logits.map((logit) => Math.exp(logit) / sum);
}

/** Writes a classifier's folder, with digests that fit. */
async function write(changes: object = {}, probabilities = expected([200, 40, 20])): Promise<string> {
  const png = (await colour(200, 40, 20)).toString('base64');
  const files = {
    'model.onnx': meanColourModel(side),
    'config.json': Buffer.from(JSON.stringify({ ...config, ...changes })),
    'reference.json': Buffer.from(JSON.stringify({ pictures: [{ name: 'warm', png, probabilities }] })),
  };
  const digests = Object.entries(files).map(([name, bytes]) => [
    name,
    `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  ]);
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder.path, name), bytes);
  await writeFile(join(folder.path, 'digests.json'), JSON.stringify({ files: Object.fromEntries(digests) }));
  return folder.path;
}

describe('a classifier with a manifest of its own', () => {
  it('is fed and read as the manifest says, and judges by its rules', async () => {
    const classifier = await OnnxPictureClassifier.load(await write(), 1);
    const judge = async (r: number, g: number, b: number) =>
      (await classifier.classify(new Uint8Array(await colour(r, g, b)))).findings;
    expect(classifier.classifiers[0]).toMatch(/^mean-colour sha256:[0-9a-f]{64}$/);
    const [red, warm] = await judge(255, 10, 0);
    const [a, b] = expected([255, 10, 0]) as [number, number];
    expect(red).toMatchObject({ category: 'violence', severity: 3, reason: 'violence.red', score: expect.closeTo(a, 4) });
    expect(warm).toMatchObject({ category: 'hate', severity: 2, score: expect.closeTo(a + b, 4) });
    expect((await judge(0, 0, 255)).map(({ severity, reason }) => [severity, reason])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    await classifier.close();
  });

  it.each([
    ['rules for a class that it lacks', { rules: [{ ...config.rules[0], classes: ['gore'] }] }, 'there is no class "gore"'],
    ['a harm that is none', { rules: [{ ...config.rules[0], category: 'rudeness' }] }, 'category'],
    ['no rules', { rules: [] }, 'rules'],
    ['a layout that there is not', { input_layout: 'CHWN' }, 'input_layout'],
    ['a deviation of 0', { std: [0, 1, 1] }, 'std'],
  ])('is not loaded with %s', async (_what, changes, message) => {
    await expect(OnnxPictureClassifier.load(await write(changes), 1)).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['a mean', { mean: [0, 0, 0] }],
    ['a layout', { input_layout: 'NHWC' }],
    ['an activation', { activation: 'sigmoid' }],
    ['an order of classes', { activation: 'softmax', classes: ['red', 'green', 'blue', 'alpha'] }],
  ])('is not loaded with %s that is not the model’s: its reference pictures tell', async (_what, changes) => {
    await expect(OnnxPictureClassifier.load(await write(changes), 1)).rejects.toThrow();
  });
});
