/** A classifier of tokens as one brings it, with a real tokenizer and a real graph whose answers can be told by hand. */
import { type TemporaryFolder, temporaryFolder } from '@darkroom/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OnnxTextClassifier } from './onnx-text-classifier.js';
import { writeTokenModel } from './token-model.fixture.js';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

describe('a classifier of tokens', () => {
  it('finds what its labels say, in any window and through look-alike letters, and leaves its neutral label out', async () => {
    await writeTokenModel(folder.path);
    const classifier = await OnnxTextClassifier.load(folder.path);
    const found = async (prompt: string) => (await classifier.classify(prompt)).findings;
    const violence = { category: 'violence', score: expect.closeTo(1 / (1 + Math.exp(-4)), 5), severity: 3 };
    expect(await found('a knight strangling a knight')).toEqual([{ ...violence, reason: 'violence.classifier' }]);
    expect(await found(`${'knight '.repeat(50)}strangling${' knight'.repeat(50)}`)).toMatchObject([violence]);
    expect(await found('ЅTRАNGLІNG')).toMatchObject([violence]);
    const score = expect.closeTo(1 / (1 + Math.exp(4)), 5);
    expect(await found('an unaffable knight')).toEqual([{ category: 'violence', score, severity: 0, reason: '' }]);
    expect(await found('')).toMatchObject([{ category: 'violence', severity: 0 }]);
    await classifier.close();
  });

  it.each<[string, object, readonly string[], string]>([
    ['without its tokenizer', {}, ['tokenizer.json'], 'needs tokenizer.json'],
    ['whose windows have no room', { features: { kind: 'tokens', window: 8, overlap: 6 } }, [], 'must have more than the 6'],
    [
      'whose graph has no such input',
      { features: { kind: 'tokens', window: 8, overlap: 2, ids_name: 'ids' } },
      [],
      'input ids is missing',
    ],
    ['with another activation', { activation: 'sigmoid' }, [], "doesn't compute what it should"],
    ['with fewer labels than values', { labels: [null] }, [], 'values for 1 labels'],
    ['with a kind of features that nobody knows', { features: { kind: 'images' } }, [], 'features'],
  ])('is not loaded %s', async (_, change, without, message) => {
    await writeTokenModel(folder.path, change, without);
    await expect(OnnxTextClassifier.load(folder.path)).rejects.toMatchObject({
      code: 'model_damaged',
      message: expect.stringContaining(message),
    });
  });
});
